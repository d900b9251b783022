import { HEADER_LENGTH } from '../rest-v2/read-infer-body.js';
import { schemaOf } from './component-schemas.js';
import { type DescribedModel, modelPath, tensorsText, versionParameter } from './described-model.js';
import type { AnsweredCode } from './error-answers.js';
import { requestHeaders } from './headers.js';
import { inferExamples } from './model-examples.js';
import type { ParameterObject, Paths } from './open-api-document.js';
import { json, operation } from './operation.js';
import { PREDICTOR_ERRORS, PREDICTORS_OWN } from './predictor-answers.js';
import { BINARY } from './v1-paths.js';

/** A model as the paths name it: itself, or a version of it. */
interface Target {
  readonly model: DescribedModel;
  readonly path: (after: string) => string;
  /** Ends the operations' names. */
  readonly suffix: string;
  readonly parameters: readonly ParameterObject[];
}

/** The paths of the Open Inference Protocol for one model, each also for a version of it. */
export function v2Paths(model: DescribedModel): Paths {
  const path = (after: string) => modelPath('/v2/models/', model.name, after);
  return {
    ...targetPaths({ model, path, suffix: '', parameters: [] }),
    ...targetPaths({
      model,
      path: (after) => path(`/versions/{version}${after}`),
      suffix: 'Version',
      parameters: [versionParameter(model)],
    }),
  };
}

function targetPaths(target: Target): Paths {
  const { path } = target;
  return {
    [path('')]: { get: metadata(target) },
    [path('/ready')]: { get: ready(target) },
    [path('/infer')]: { post: infer(target) },
  };
}

function metadata({ model, suffix, parameters }: Target) {
  const { name } = model;
  return operation({
    id: `${name}_metadata${suffix}`,
    tag: name,
    summary: "The model's inputs and outputs",
    parameters,
    answer: {
      description: 'The metadata',
      content: json(schemaOf('ModelMetadata'), metadataExample(model)),
    },
    errors: ['not_found', ...predictorErrors(model)],
    ...predictorsOwn(model),
  });
}

function ready({ model, suffix, parameters }: Target) {
  const { name } = model;
  return operation({
    id: `${name}_ready${suffix}`,
    tag: name,
    summary: 'Whether the model can answer',
    parameters,
    answer: {
      description: 'It can',
      content: json(schemaOf('ModelReady'), { ready: { value: { name, ready: true } } }),
    },
    errors: ['not_found', 'unavailable', ...predictorErrors(model)],
    ...predictorsOwn(model),
  });
}

function infer({ model, suffix, parameters }: Target) {
  const { name } = model;
  const { requests, answers } = inferExamples(model);
  const binary = {
    schema: { ...BINARY, description: 'JSON with binary tensors behind it, or the bytes of the one input' },
  };
  return operation({
    id: `${name}_infer${suffix}`,
    tag: name,
    summary: 'Inference with tensors',
    description: tensorsText(model),
    parameters: [...parameters, ...requestHeaders('RequestId', 'Traceparent', 'TimeoutMs', 'HeaderLength')],
    body: {
      required: true,
      description: `JSON, or with \`${HEADER_LENGTH}\` JSON with binary tensors behind it, whatever the \`Content-Type\` says. \`Content-Encoding\` may be \`gzip\`, \`deflate\` or \`br\`.`,
      content: { ...json(schemaOf('InferRequest'), requests), 'application/octet-stream': binary },
    },
    answer: {
      description: 'The outputs, as JSON or as binary data where that was asked for',
      content: { ...json(schemaOf('InferResponse'), answers), 'application/octet-stream': binary },
      headers: [HEADER_LENGTH],
    },
    errors: ['not_found', ...kindErrors(model), ...PREDICTOR_ERRORS],
    ...predictorsOwn(model),
  });
}

function metadataExample(model: DescribedModel) {
  if (model.kind === 'requests') return {};
  const { name, versions, platform, inputs, outputs } = model.info;
  return { metadata: { value: { name, versions, platform, inputs, outputs } } };
}

function kindErrors({ kind }: DescribedModel): readonly AnsweredCode[] {
  return kind === 'items' ? ['permission_denied', 'unprocessable'] : ['unimplemented'];
}

/** Of a model of items, metadata and readiness are known without its predictor. */
function predictorErrors({ kind }: DescribedModel): readonly AnsweredCode[] {
  return kind === 'requests' ? PREDICTOR_ERRORS : [];
}

function predictorsOwn({ kind }: DescribedModel) {
  return kind === 'requests' ? { otherResponses: PREDICTORS_OWN } : {};
}
