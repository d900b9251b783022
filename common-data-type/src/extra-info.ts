import * as z from 'zod';

/** One further fact that a client sends along and gets back. */
const keyValueSchema = z.looseObject({ key: z.string(), value: z.unknown() });

/**
 * What comes with a Request or a Response beside the data. Unknown keys are passed over, never fatal; null counts as
 * absent, since clients that dump objects with empty fields send it.
 */
export const extraInfoSchema = z.looseObject({
  type: z.string().nullish().describe("The client's own kind of picture; echoed in the Response"),
  source: z.string().nullish().describe('Who made this object; `face_quality_score` in a Response'),
  others: z.array(keyValueSchema).nullish().describe('Further facts of the client; echoed in the Response'),
});

/** Why an item could not be scored. */
export const itemErrorSchema = z.looseObject({
  code: z.string().describe('One word of the list of error codes, `unprocessable` for instance'),
  message: z.string().describe('What is wrong, where, and what is accepted'),
});

/** What comes with a Request: `type` and `others` are echoed. */
export type ExtraInfo = z.infer<typeof extraInfoSchema>;

/** Why an item could not be scored. */
export type ItemError = z.infer<typeof itemErrorSchema>;

/** What of a Request's extra_info comes back in its Response: `type` and `others`, where they are there. */
export function echoedExtraInfo(extraInfo: ExtraInfo | undefined): Pick<ExtraInfo, 'type' | 'others'> {
  const { type, others } = extraInfo ?? {};
  return { ...(type != null && { type }), ...(others != null && { others }) };
}
