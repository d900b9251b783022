import * as z from 'zod';
import { choice, flag, text } from '../fields.js';

/** What the service tells of itself. */
export const observabilityOptions = z.object({
  log_level: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe("least severe level that is logged; KServe's KSERVE_LOGLEVEL is understood too"),
  enable_latency_logging: flag()
    .default(true)
    .describe(
      "whether the times of each request's stages are logged: in its line, and in a line of KServe's own wording",
    ),
  ce_source: text('a URI reference')
    .optional()
    .describe('source of the CloudEvents that answer CloudEvents; by default io.kserve.inference.<model>'),
  ce_type: text('a type of event').default('io.kserve.inference.response').describe('their type'),
  ce_merge: flag()
    .default(false)
    .describe("whether the answer's event keeps the request's attributes that the service does not set itself"),
});
