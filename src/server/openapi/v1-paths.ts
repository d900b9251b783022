import { HEADER_LENGTH } from '../rest-v2/read-infer-body.js';
import { itemSchemaOf, itemSchemas, schemaOf } from './component-schemas.js';
import { type DescribedModel, explainTensorsText, modelPath } from './described-model.js';
import type { AnsweredCode } from './error-answers.js';
import { requestHeaders } from './headers.js';
import { type ExamplePairs, explainExamples, predictExamples } from './model-examples.js';
import type { Content, MediaType, Paths, RequestBody } from './open-api-document.js';
import { json, operation } from './operation.js';
import { PREDICTORS_OWN } from './predictor-answers.js';

const STRUCTURED_EVENT = 'application/cloudevents+json';
const FORM = 'multipart/form-data';
const BYTES = 'application/octet-stream';

/** What forms call their fields; a name goes into a header. */
const FIELD_NAME = { pattern: '^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$' } as const;

/** Bytes that are no text. */
export const BINARY = { type: 'string', format: 'binary' } as const;

const PREDICT_ERRORS: readonly AnsweredCode[] = [
  'permission_denied',
  'not_found',
  'unprocessable',
  'upstream_error',
  'unavailable',
  'deadline_exceeded',
];

const BODY_TEXT = [
  'The body is told by its bytes, not by its `Content-Type`: what begins with `{` is JSON under any label,',
  '`application/x-www-form-urlencoded` (plain `curl -d`) and `image/jpeg` among them.',
  '`Content-Encoding` may be `gzip`, `deflate` or `br`.',
  'A CloudEvent may also come in binary mode, its attributes in `ce-` headers.',
  `A body with \`inputs\`, or with the header \`${HEADER_LENGTH}\`, is one of the Open Inference Protocol and is answered`,
  'in that form.',
].join(' ');

/** The paths of KServe's V1 protocol for one model. */
export function v1Paths(model: DescribedModel): Paths {
  const { name } = model;
  return {
    [modelPath('/v1/models/', name)]: {
      get: operation({
        id: `${name}_readyV1`,
        tag: name,
        summary: 'Whether the model can answer',
        answer: {
          description: 'It can',
          content: json(schemaOf('ModelReady'), { ready: { value: { name, ready: true } } }),
        },
        errors: ['not_found', 'unavailable'],
      }),
    },
    [modelPath('/v1/models/', name, ':predict')]: { post: predict(model) },
    ...(explains(model) && { [modelPath('/v1/models/', name, ':explain')]: { post: explain(model) } }),
  };
}

function predict(model: DescribedModel) {
  const examples = predictExamples(model);
  return operation({
    id: `${model.name}_predict`,
    tag: model.name,
    summary: 'Predictions for items',
    parameters: requestHeaders('RequestId', 'Traceparent', 'TimeoutMs'),
    body: requestBody(model, examples),
    answer: {
      description:
        'An answer in the form of the request, one entry per item, in order. A bad item has its error in its place',
      content: answerContent(predictionSchemas(model), examples),
      headers: [HEADER_LENGTH],
    },
    errors: [...PREDICT_ERRORS, ...(model.kind === 'requests' ? (['unimplemented'] as const) : [])],
    ...(model.kind === 'requests' && { otherResponses: PREDICTORS_OWN }),
  });
}

function explain(model: DescribedModel) {
  const examples = explainExamples(model);
  return operation({
    id: `${model.name}_explain`,
    tag: model.name,
    summary: 'What explains the predictions for items',
    description: explainTensorsText(model),
    parameters: requestHeaders('RequestId', 'Traceparent', 'TimeoutMs'),
    body: requestBody(model, examples),
    answer: {
      description: 'An explanation per item, in order',
      content: answerContent([...explanationSchemas(model), schemaOf('InferResponse')], examples),
      headers: [HEADER_LENGTH],
    },
    errors: [...PREDICT_ERRORS, 'unimplemented'],
    ...(model.kind === 'requests' && { otherResponses: PREDICTORS_OWN }),
  });
}

/** Of a model that hands requests on, only its predictor knows. */
function explains(model: DescribedModel): boolean {
  return model.kind === 'requests' || model.transformer.explain !== undefined;
}

function requestBody(model: DescribedModel, { requests }: ExamplePairs): RequestBody {
  const bodies = requestSchemas(model);
  return {
    required: true,
    description: BODY_TEXT,
    content: {
      ...json(anyOf(bodies), requests),
      // Without specversion it is a plain body under another label.
      [STRUCTURED_EVENT]: { schema: anyOf([eventSchema(anyOf(bodies)), ...bodies]), ...eventExample(requests) },
      ...(model.kind === 'items' && uploads(model.transformer.api?.mediaTypes ?? [])),
      [BYTES]: { schema: { ...BINARY, description: 'One item whole, or JSON with binary tensors behind it' } },
    },
  };
}

function requestSchemas(model: DescribedModel): readonly MediaType['schema'][] {
  if (model.kind === 'requests') return [{ type: 'object', description: 'Handed to the predictor as it is' }];
  const { api, toResponse } = model.transformer;
  const own = toResponse === undefined ? [] : [schemaOf('MultiRequest'), schemaOf('Request')];
  return [...own, itemSchemaOf(itemSchemas(api), 'Instances'), schemaOf('InferRequest')];
}

function predictionSchemas(model: DescribedModel): readonly MediaType['schema'][] {
  if (model.kind === 'requests') return [{ description: 'What the predictor answered' }];
  const { singleResponse, transformer } = model;
  const own = [schemaOf('MultiResponse'), ...(singleResponse === 'bare' ? [schemaOf('Response')] : [])];
  return [
    ...(transformer.toResponse === undefined ? [] : own),
    itemSchemaOf(itemSchemas(transformer.api), 'Predictions'),
    schemaOf('InferResponse'),
  ];
}

function explanationSchemas(model: DescribedModel): readonly MediaType['schema'][] {
  if (model.kind === 'requests') return [{ description: 'What the predictor answered' }];
  const schemas = itemSchemas(model.transformer.api);
  return schemas.explanation === undefined ? [] : [itemSchemaOf(schemas, 'Explanations')];
}

/** Bodies that are an item whole, or hold some as files. */
function uploads(mediaTypes: readonly string[]): Content {
  const file = {
    type: 'array',
    items: BINARY,
    minItems: 1,
    description: 'One item per file; the field may have any name',
  };
  return {
    ...Object.fromEntries(mediaTypes.map((type) => [type, { schema: BINARY }])),
    [FORM]: { schema: { type: 'object', required: ['file'], properties: { file }, propertyNames: FIELD_NAME } },
  };
}

/** An event of which the data are known. */
function eventSchema(data: MediaType['schema']): MediaType['schema'] {
  return { allOf: [schemaOf('CloudEvent')], type: 'object', properties: { data } };
}

function eventExample(requests: ExamplePairs['requests']): Pick<MediaType, 'examples'> {
  const data = Object.values(requests)[0]?.value;
  if (data === undefined) return {};
  const value = { specversion: '1.0', id: 'example-1', source: '/example', type: 'org.example.request', data };
  return { examples: { event: { summary: 'An event with one of the bodies as its data', value } } };
}

function answerContent(schemas: readonly MediaType['schema'][], { answers }: ExamplePairs): Content {
  return {
    ...json(anyOf(schemas), answers),
    [STRUCTURED_EVENT]: { schema: eventSchema(anyOf(schemas)) },
    [BYTES]: { schema: { ...BINARY, description: 'JSON with binary tensors behind it' } },
  };
}

function anyOf(schemas: readonly MediaType['schema'][]): MediaType['schema'] {
  const [first] = schemas;
  return schemas.length === 1 && first !== undefined ? first : { anyOf: schemas };
}
