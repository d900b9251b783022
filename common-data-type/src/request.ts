import * as z from 'zod';
import { extraInfoSchema } from './extra-info.js';

/** One picture to score. `item` is `data:image/…;base64,…`, plain base64, or the `b'…'` form of either. */
export const requestSchema = z.looseObject({
  data: z.looseObject({ item: z.string().describe('The picture: a data URL or plain base64') }),
  extra_info: extraInfoSchema.nullish(),
});

/** Many pictures to score in one call. Its `extra_info` is the default for its items. */
export const multiRequestSchema = z.looseObject({
  multi_data: z.array(requestSchema),
  extra_info: extraInfoSchema.nullish(),
});

/** One picture to score. */
export type Request = z.infer<typeof requestSchema>;

/** Many pictures to score in one call. */
export type MultiRequest = z.infer<typeof multiRequestSchema>;
