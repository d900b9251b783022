import type { JobResult } from './run-job.js';
import type { AnyService } from './services/service.js';
import { type Summary, type SummaryWords, summaryObject } from './summary.js';

/** What `--json` prints, in the order of the inputs: answers as the service sent them, or errors. */
export function toJsonDocument(
  results: readonly JobResult[],
  context: {
    job: { readonly url: string; readonly model: string };
    service: AnyService;
    summary: Summary;
    words: SummaryWords;
    written?: ReadonlyMap<JobResult, string> | undefined;
  },
): Readonly<Record<string, unknown>> {
  const { job, service, summary, words, written } = context;
  const { listName = 'items', answerName = 'prediction' } = service.requests ?? {};
  const items = results.map((result) => {
    const { input, call, answer, error } = result;
    const annotated = written?.get(result);
    return {
      file: input.name,
      // How long the call took that carried this input, with others perhaps.
      ...(call === undefined ? {} : { call_ms: Number(call.ms.toFixed(1)) }),
      ...(answer === undefined ? {} : { [answerName]: answer.prediction }),
      ...(answer?.explanation === undefined ? {} : { explanation: answer.explanation }),
      ...(error === undefined ? {} : { error: { status: error.status, code: error.code, message: error.message } }),
      // Where the annotated picture was written.
      ...(annotated === undefined ? {} : { annotated }),
    };
  });
  return { url: job.url, model: job.model, [listName]: items, summary: summaryObject(summary, words) };
}
