import { ClientError } from './client-error.js';
import type { Job } from './command-line.js';
import { createFaceQualityClient } from './face-quality-client.js';
import type { NamedPicture } from './picture.js';
import type { PictureResult } from './score-many.js';

/** Refusals that the next picture would meet as well: no token, not allowed, no such model, no such service. */
const REFUSES_EVERYTHING: ReadonlySet<number | undefined> = new Set([401, 403, 404, 405]);

/** What became of the pictures of a job, in order: first those with a result of their own, then those left. */
export interface JobResults {
  readonly results: readonly PictureResult[];
  /** Where an error stopped the job: the picture that met it, then all after that one. Else empty. */
  readonly left: readonly PictureResult[];
  /** The error that every further picture would have met as well. */
  readonly stoppedBy?: ClientError;
}

/** Scores to the end, or to an error that every further picture would meet as well. Each picture gets a result. */
export async function scoreJob(pictures: readonly NamedPicture[], job: Job): Promise<JobResults> {
  const client = createFaceQualityClient(job);
  const results: PictureResult[] = [];
  try {
    for await (const result of client.scoreMany(pictures, job)) {
      const { error } = result;
      if (error !== undefined && isHopeless(error)) {
        const after = pictures.slice(results.length + 1).map((picture) => ({ picture, error: notScored(error) }));
        return { results, left: [result, ...after], stoppedBy: error };
      }
      results.push(result);
    }
    return { results, left: [] };
  } finally {
    await client.close();
  }
}

function isHopeless({ code, status }: ClientError): boolean {
  return code === 'unreachable' || REFUSES_EVERYTHING.has(status);
}

/** The same failure, for a picture that it kept from being scored. */
function notScored(cause: ClientError): ClientError {
  const { status, code, message } = cause;
  return new ClientError(`not scored: ${message}`, { status, code, cause });
}
