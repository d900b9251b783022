import type { IncomingMessage, RequestListener } from 'node:http';
import { answerError } from './middleware/error-handler.js';
import type { Guard } from './middleware/bearer-token.js';
import type { ModelCall } from './model-call.js';
import { pathOf } from './path-of.js';
import { parseV1Target, type V1Target } from './rest-v1/routes.js';
import { toV2Target, type V2Target } from './rest-v2/routes.js';
import type { openRequests } from './middleware/request-context.js';

/** What answers the calls of models, and what comes before them. */
export interface ModelCallsOptions {
  readonly open: ReturnType<typeof openRequests>;
  readonly guard: Guard | undefined;
  readonly v1: ModelCall<V1Target>;
  readonly v2: ModelCall<V2Target>;
}

/** `POST /v1/models/faces:predict`. */
const V1_CALL = /^\/v1\/models\/(?<target>[^/]+:[^/]+)$/;

/** `POST /v2/models/faces/infer`, `POST /v2/models/faces/versions/1/infer`. */
const V2_CALL = /^\/v2\/models\/(?<name>[^/]+)(?:\/versions\/(?<version>[^/]+))?\/infer$/;

/**
 * Puts the calls of models, which come by the thousand, before an app of routes: they are told by their path alone and
 * pass none of the app's layers (some 60 us of 600). All else, other spellings of these paths too, is the app's.
 */
export function callModelsFirst(app: RequestListener, options: ModelCallsOptions): RequestListener {
  const { open, guard } = options;
  return (request, response) => {
    const call = request.method === 'POST' ? toCall(request, options) : undefined;
    if (call === undefined) {
      app(request, response);
      return;
    }
    open(request, response);
    try {
      guard?.(request, response);
      call(request, response).catch((error: unknown) => answerError(error, response));
    } catch (error) {
      answerError(error, response);
    }
  };
}

/** What answers a request; undefined when it calls no model. What is wrong with its path is thrown when it is called. */
function toCall(
  request: IncomingMessage,
  { v1, v2 }: ModelCallsOptions,
): ((...call: Parameters<RequestListener>) => Promise<void>) | undefined {
  const path = pathOf(request);
  const target = V1_CALL.exec(path)?.groups?.['target'];
  if (target !== undefined) {
    return (...call) => v1(...call, parseV1Target(decodeURIComponent(target)));
  }
  const { name, version } = V2_CALL.exec(path)?.groups ?? {};
  if (name === undefined) return undefined;
  return (...call) => v2(...call, toV2Target(decodeURIComponent(name), version && decodeURIComponent(version)));
}
