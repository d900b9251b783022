import type { IncomingMessage } from 'node:http';
import { type Request, Router } from 'express';
import { ServiceError } from '../../errors.js';
import type { ModelInfo } from '../../predictor/predictor.js';
import { setAnswerHeaders } from '../answer-headers.js';
import { beginCall } from '../begin-call.js';
import type { DataPlane } from '../data-plane.js';
import { inferOverHttp } from '../infer-over-http.js';
import { type BodyLimits, createBodyReader } from '../middleware/body.js';
import { onlyMethods, READ } from '../middleware/error-handler.js';
import { requestState } from '../middleware/request-context.js';
import type { ModelCall } from '../model-call.js';
import { sendBody, sendJson } from '../send-json.js';
import { headerLengthOf, readInferBody, readRawBody, type ReadInferRequest } from './read-infer-body.js';

/** A model, and a version of it where the path names one. */
const MODEL_PATHS = ['/v2/models/:name', '/v2/models/:name/versions/:version'];
const READY_PATHS = MODEL_PATHS.map((path) => `${path}/ready`);
const INFER_PATHS = MODEL_PATHS.map((path) => `${path}/infer`);

/** Which model is called. */
export interface V2Target {
  readonly name: string;
  /** The model's choice when undefined. */
  readonly version: string | undefined;
}

/** Digits, as Triton's paths have them. */
const VERSION = /^\d+$/;

/**
 * The Open Inference Protocol over HTTP: metadata of server and models, readiness, inference with JSON and binary
 * tensors, each also for a version.
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function v2Routes(dataPlane: DataPlane, call: ModelCall<V2Target>): Router {
  const router = Router();

  router.get('/v2', (_request, response) => {
    sendJson(response, dataPlane.info);
  });
  router.get('/v2/models', (_request, response) => {
    sendJson(response, { models: dataPlane.modelNames() });
  });
  router.all(['/v2', '/v2/models'], onlyMethods(...READ));

  router.get(MODEL_PATHS, async (request, response) => {
    const { name, version } = targetOf(request);
    const info = await dataPlane.model(name).metadata(version, requestState(response).toCall());
    sendJson(response, toMetadata(info));
  });
  router.all(MODEL_PATHS, onlyMethods(...READ));

  router.get(READY_PATHS, async (request, response) => {
    const { name, version } = targetOf(request);
    const model = dataPlane.model(name);
    await dataPlane.assertModelReady(name);
    if (version !== undefined && !(await model.isVersionReady(version, requestState(response).toCall()))) {
      throw new ServiceError('unavailable', `Model with name "${name}" is not ready in version ${version}`);
    }
    sendJson(response, { name, ready: true });
  });
  router.all(READY_PATHS, onlyMethods(...READ));

  router.post(INFER_PATHS, (request, response) => call(request, response, targetOf(request)));
  router.all(INFER_PATHS, onlyMethods('POST'));
  return router;
}

/** Makes what answers `POST /v2/models/{name}[/versions/{version}]/infer`. */
export function createV2Call(dataPlane: DataPlane, options: BodyLimits): ModelCall<V2Target> {
  const readBody = createBodyReader(options);
  return async (request, response, { name, version }) => {
    const state = requestState(response);
    // Before the body is read, so that nobody sends one for nothing.
    beginCall(dataPlane, state, { protocol: 'v2', name, route: 'POST /v2/models/{name}/infer' });
    const body = await readBody(request, response);
    const model = dataPlane.model(name);
    const read = await readRequest(request, body, () => model.metadata(version, state.toCall()));
    const answer = await inferOverHttp(model, read, { state, verb: 'predict', version });
    setAnswerHeaders(response, state);
    sendBody(response, answer);
  };
}

async function readRequest(
  request: IncomingMessage,
  body: Buffer,
  metadata: () => Promise<ModelInfo>,
): Promise<ReadInferRequest> {
  const headerLength = headerLengthOf(request);
  if (headerLength === '0') return readRawBody(body, await metadata());
  if (body.length === 0) throw new ServiceError('invalid_argument', 'The body is empty; expected an inference request');
  return readInferBody(body, headerLength);
}

function targetOf({ params }: Request): V2Target {
  return toV2Target(String(params['name']), params['version'] === undefined ? undefined : String(params['version']));
}

/**
 * What a path names.
 * @throws ServiceError `not_found` for a version that is none
 */
export function toV2Target(name: string, version: string | undefined): V2Target {
  if (version !== undefined && !VERSION.test(version)) {
    throw new ServiceError('not_found', 'A version in a path must be digits');
  }
  return { name, version };
}

/** A model's metadata in the protocol's names ("Model Metadata Response JSON Object"). */
function toMetadata({ name, versions, platform, inputs, outputs }: ModelInfo): object {
  return { name, versions, platform, inputs, outputs };
}
