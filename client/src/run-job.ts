import { ClientError } from './client-error.js';
import type { Job } from './command-line.js';
import type { JobInput } from './find-inputs.js';
import { INPUT_KINDS } from './input-kinds.js';
import { callWithInstances } from './instances.js';
import { createModelConnection, type ModelConnection } from './model-connection.js';
import { type InputResult, type Outcome, type SendBatch, sendMany } from './send-many.js';
import type { Answered, AnyService } from './services/service.js';

/** Refusals that the next input would meet as well: no token, not allowed, no such model, no such service. */
const REFUSES_EVERYTHING: ReadonlySet<number | undefined> = new Set([401, 403, 404, 405]);

/** What became of one input of a job. */
export type JobResult = InputResult<Answered<unknown>>;

/** What became of the inputs of a job, in order: first those with a result of their own, then those left. */
export interface JobResults {
  readonly results: readonly JobResult[];
  /** Where an error stopped the job: the input that met it, then all after that one. Else empty. */
  readonly left: readonly JobResult[];
  /** The error that every further input would have met as well. */
  readonly stoppedBy?: ClientError;
}

/** Sends to the end, or to an error that every further input would meet as well. Each input gets a result. */
export async function runJob(inputs: readonly JobInput[], job: Job, service: AnyService): Promise<JobResults> {
  const connection = createModelConnection(job);
  const results: JobResult[] = [];
  const { batch, concurrency } = job;
  try {
    for await (const result of sendMany(inputs, { batch, concurrency, send: sender(connection, job, service) })) {
      const { error } = result;
      if (error !== undefined && isHopeless(error)) {
        const after = inputs.slice(results.length + 1);
        const left = after.map((input) => ({ input, error: notAnswered(error, notAnsweredWord(service)) }));
        return { results, left: [result, ...left], stoppedBy: error };
      }
      results.push(result);
    }
    return { results, left: [] };
  } finally {
    await connection.close();
  }
}

/** How messages call inputs that a failure kept from being answered. */
export function notAnsweredWord({ requests }: AnyService): string {
  return requests?.notAnswered ?? 'not answered';
}

/** One call per batch; with explanations two at once, one of each verb. */
function sender(connection: ModelConnection, job: Job, service: AnyService): SendBatch<Answered<unknown>, JobInput> {
  return async (loaded, signal) => {
    const instances = () => loaded.map(({ input, bytes }) => INPUT_KINDS[input.kind].toInstance(bytes));
    const { requests, prediction } = service;
    const predict = (): Promise<readonly Outcome<unknown>[]> =>
      requests === undefined
        ? callWithInstances(connection, { verb: 'predict', instances: instances(), answer: prediction }, signal)
        : requests.send(
            (body) => connection.call('predict', body, signal),
            loaded.map(({ bytes }) => bytes),
            { isSingle: job.batch === 1, extraInfo: job.extraInfo },
          );
    if (!job.explain || service.explanation === undefined) {
      return (await predict()).map((outcome) => withExplanation(outcome));
    }
    const what = { verb: 'explain', instances: instances(), answer: service.explanation } as const;
    const [predictions, explanations] = await Promise.all([predict(), callWithInstances(connection, what, signal)]);
    return predictions.map((outcome, index) => withExplanation(outcome, explanations[index]));
  };
}

/** A prediction with its explanation, where one was asked for. An error of either is the input's. */
function withExplanation(predicted: Outcome<unknown>, explained?: Outcome<unknown>): Outcome<Answered<unknown>> {
  if (predicted.error !== undefined) return predicted;
  if (explained === undefined) return { answer: { prediction: predicted.answer } };
  if (explained.error !== undefined) return explained;
  return { answer: { prediction: predicted.answer, explanation: explained.answer } };
}

function isHopeless({ code, status }: ClientError): boolean {
  return code === 'unreachable' || REFUSES_EVERYTHING.has(status);
}

/** The same failure, for an input that it kept from being answered. */
function notAnswered(cause: ClientError, word: string): ClientError {
  const { status, code, message } = cause;
  return new ClientError(`${word}: ${message}`, { status, code, cause });
}
