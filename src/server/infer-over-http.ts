import { ServiceError } from '../errors.js';
import type { InferRequest, InferResponse } from '../predictor/predictor.js';
import type { Verb } from '../transformers/run-transformer.js';
import type { ServedCall } from '../transformers/served-call.js';
import type { ServedModel } from '../transformers/served-model.js';
import type { CallState } from './call-state.js';
import type { ReadInferRequest } from './rest-v2/read-infer-body.js';
import { writeInferAnswer } from './rest-v2/write-infer-answer.js';
import type { SentBody } from './send-json.js';

/** Asks a model by the Open Inference Protocol and writes its answer. */
export async function inferOverHttp(
  model: ServedModel,
  { request, isBinary }: ReadInferRequest,
  options: { readonly state: CallState; readonly verb: Verb; readonly version?: string | undefined },
): Promise<SentBody> {
  const { state, verb, version } = options;
  const asked = { model: model.name, ...request, ...(version !== undefined && { version }) };
  const call = state.toCall();
  const answer = await (verb === 'predict' ? model.infer(asked, call) : explain(model, asked, call));
  return writeInferAnswer(answer, { model: model.name, id: request.id ?? state.requestId, isBinary });
}

function explain(model: ServedModel, request: InferRequest, call: ServedCall): Promise<InferResponse> {
  if (model.kind === 'items') return model.explain(request, call);
  throw new ServiceError('unimplemented', ':explain takes no inference request here');
}
