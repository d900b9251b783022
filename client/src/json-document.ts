import type { Response } from 'common-data-type';
import type { Job } from './command-line.js';
import type { PictureResult } from './score-many.js';
import type { Summary } from './summary.js';

/** What `--json` prints. */
export interface JsonDocument {
  readonly url: string;
  readonly model: string;
  readonly pictures: readonly JsonPicture[];
  readonly summary: Summary;
}

/** One picture of a {@link JsonDocument}: `response` as the service sent it, or `error`. */
interface JsonPicture {
  readonly file: string;
  /** How long the call took that carried this picture, with others perhaps. */
  readonly call_ms?: number;
  readonly response?: Response;
  readonly error?: {
    readonly status?: number | undefined;
    readonly code?: string | undefined;
    readonly message: string;
  };
  /** Where the annotated picture was written. */
  readonly annotated?: string;
}

/** The results as one object, in the order of the pictures. */
export function toJsonDocument(
  results: readonly PictureResult[],
  context: {
    job: Pick<Job, 'url' | 'model'>;
    summary: Summary;
    written?: ReadonlyMap<PictureResult, string> | undefined;
  },
): JsonDocument {
  const { job, summary, written } = context;
  const pictures = results.map((result): JsonPicture => {
    const { picture, call, response, error } = result;
    const annotated = written?.get(result);
    return {
      file: picture.name,
      ...(call === undefined ? {} : { call_ms: Number(call.ms.toFixed(1)) }),
      ...(response === undefined ? {} : { response }),
      ...(error === undefined ? {} : { error: { status: error.status, code: error.code, message: error.message } }),
      ...(annotated === undefined ? {} : { annotated }),
    };
  });
  return { url: job.url, model: job.model, pictures, summary };
}
