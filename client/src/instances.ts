import { itemErrorSchema } from 'common-data-type';
import * as z from 'zod';
import { ClientError, excerpt } from './client-error.js';
import type { ModelConnection, Verb } from './model-connection.js';
import type { Outcome } from './send-many.js';

/** What V1's answers to a verb are called. */
const ANSWERS = { predict: 'predictions', explain: 'explanations' } as const satisfies Record<Verb, string>;

/** What stands in the place of an instance that could not be answered. */
const itemFailureSchema = z.strictObject({ error: itemErrorSchema });

/** A call of V1: what to do with which instances, and what an answer to one looks like. */
export interface InstancesCall<Answer> {
  readonly verb: Verb;
  readonly instances: readonly unknown[];
  readonly answer: z.ZodType<Answer>;
}

/**
 * Sends instances as one call and reads `predictions` or `explanations`. Answers are checked and left as they came.
 * @returns one outcome per instance, in order: an instance's error, or an answer of another form, is its own alone
 * @throws ClientError when the call fails as a whole, `bad_answer` when there is not one answer per instance
 */
export async function callWithInstances<Answer>(
  connection: Pick<ModelConnection, 'call'>,
  { verb, instances, answer }: InstancesCall<Answer>,
  signal?: AbortSignal,
): Promise<readonly Outcome<Answer>[]> {
  const body = await connection.call(verb, { instances }, signal);
  const key = ANSWERS[verb];
  const answers = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[key] : undefined;
  if (!Array.isArray(answers)) {
    const message = `expected "${key}" from the service, received ${excerpt(JSON.stringify(body))}`;
    throw new ClientError(message, { code: 'bad_answer' });
  }
  if (answers.length !== instances.length) {
    const message = `expected ${instances.length} ${key} from the service, received ${answers.length}`;
    throw new ClientError(message, { code: 'bad_answer' });
  }
  return answers.map((value: unknown) => toOutcome(value, answer));
}

/** An answer that is there. @throws ClientError the error that is there instead */
export function answerOf<Answer>(outcome: Outcome<Answer> | undefined): Answer {
  if (outcome === undefined) throw new ClientError('the service answered nothing', { code: 'bad_answer' });
  if (outcome.error !== undefined) throw outcome.error;
  return outcome.answer;
}

function toOutcome<Answer>(value: unknown, schema: z.ZodType<Answer>): Outcome<Answer> {
  const failure = itemFailureSchema.safeParse(value);
  if (failure.success) {
    const { code, message } = failure.data.error;
    return { error: new ClientError(message, { code }) };
  }
  const checked = schema.safeParse(value);
  // As it came: the schemas of answers turn nothing into something else, and leave out nothing that is shown raw.
  if (checked.success) return { answer: value as Answer };
  const [issue] = checked.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  const message = `an answer of another form than expected: ${where}${issue?.message ?? ''}`;
  return { error: new ClientError(message, { code: 'bad_answer', cause: checked.error }) };
}
