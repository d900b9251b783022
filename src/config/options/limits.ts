import * as z from 'zod';
import { decimal, integer } from '../fields.js';
import { GIB } from './units.js';

/** What bounds requests: their size, their number, their memory, their time. */
export const limitOptions = z.object({
  max_body_bytes: integer({ min: 1, max: 2 * GIB })
    .default(67_108_864)
    .describe('largest request body, in bytes after decompression'),
  body_budget_bytes: integer({ min: 1, max: 64 * GIB })
    .default(268_435_456)
    .describe('bytes of all bodies received and not yet answered; further requests wait before their body is read'),
  max_items: integer({ min: 1, max: 1_000_000 }).default(256).describe('most items in one request'),
  max_pixels: integer({ min: 1, max: 1_000_000_000 }).default(50_000_000).describe('most pixels in one picture'),
  max_in_flight: integer({ min: 1, max: 1_000_000 }).default(256).describe('requests worked on at once'),
  max_queue: integer({ min: 0, max: 1_000_000 })
    .default(1024)
    .describe('requests waiting for their turn; more are answered 429'),
  pixel_budget: integer({ min: 1, max: 2_000_000_000 })
    .default(100_000_000)
    .describe(
      'decoded pixels held in memory at once (3 bytes each), for the whole process; not less than --max_pixels',
    ),
  imaging_threads: integer({ min: 0, max: 256 })
    .default(0)
    .describe(
      'threads that decode and sample pictures, two of which are under way for each (libvips decodes never more at once than UV_THREADPOOL_SIZE, 4 by default); 0 means one per core',
    ),
  request_timeout_seconds: decimal({ min: 0.001, max: 86_400 })
    .default(60)
    .describe('time limit for a request to arrive, and again for the answer to it, waiting included'),
});
