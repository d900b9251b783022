import type { Response } from 'express';
import type { InferRequest, InferResponse } from '../predictor/predictor.js';
import type { ServedCall } from '../transformers/served-call.js';
import type { ServedModel } from '../transformers/served-model.js';
import type { Verb } from '../transformers/run-transformer.js';
import { ServiceError } from '../errors.js';
import type { CallState } from './call-state.js';
import { type InferAnswer, writeInferAnswer } from './rest-v2/write-infer-answer.js';
import type { ReadInferRequest } from './rest-v2/read-infer-body.js';
import { setHeadersAsTheyAre } from './send-json.js';

/** Asks a model by the Open Inference Protocol and writes its answer. */
export async function inferOverHttp(
  model: ServedModel,
  { request, isBinary }: ReadInferRequest,
  options: { readonly state: CallState; readonly verb: Verb; readonly version?: string | undefined },
): Promise<InferAnswer> {
  const { state, verb, version } = options;
  const asked = { model: model.name, ...request, ...(version !== undefined && { version }) };
  const call = state.toCall();
  const answer = await (verb === 'predict' ? model.infer(asked, call) : explain(model, asked, call));
  return writeInferAnswer(answer, { model: model.name, id: request.id ?? state.requestId, isBinary });
}

/** Sends an answer's pieces one after the other; large ones are not copied. */
export function sendInferAnswer(response: Response, { headers, pieces }: InferAnswer): void {
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  setHeadersAsTheyAre(response.status(200), { ...headers, 'content-length': String(length) });
  for (const piece of pieces) response.write(piece);
  response.end();
}

function explain(model: ServedModel, request: InferRequest, call: ServedCall): Promise<InferResponse> {
  if (model.kind === 'items') return model.explain(request, call);
  throw new ServiceError('unimplemented', ':explain takes no inference request here');
}
