import { subjectOf } from '../answer.js';
import type { TritonTransport } from '../transport.js';
import type { HttpConnection } from './http-connection.js';
import { fromErrorStatus } from './http-errors.js';
import { decodeInferResponse, encodeInferRequest, HEADER_LENGTH } from './infer-body.js';
import { modelPath } from './paths.js';

/** Inference by the binary tensor data extension. */
export function createHttpInference(connection: HttpConnection): Pick<TritonTransport, 'infer'> {
  return {
    infer: async (request, call) => {
      const subject = subjectOf(request);
      const { headers, pieces } = encodeInferRequest(request, call.remainingMs);
      const path = `${modelPath(request)}/infer`;
      const what = { method: 'POST', path, headers, body: pieces, isCompressible: true } as const;
      const answer = await connection.send(what, { ...call, subject });
      if (answer.status !== 200) throw fromErrorStatus(answer.status, answer.body, subject);
      return decodeInferResponse(request, answer.body, answer.headers.get(HEADER_LENGTH));
    },
  };
}
