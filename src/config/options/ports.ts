import * as z from 'zod';
import { decimal, flag, integer } from '../fields.js';
import { INT32_MAX } from './units.js';

const PORT = { min: 0, max: 65_535 };

/** Where the service listens and what is to be found there. */
export const portOptions = z.object({
  http_port: integer(PORT).default(8080).describe('port of the REST server; 0 takes a free one'),
  enable_grpc: flag().default(true).describe('whether there is a gRPC server'),
  grpc_port: integer(PORT).default(8081).describe('port of the gRPC server; 0 takes a free one'),
  grpc_max_receive_message_length: integer({ min: 1, max: INT32_MAX })
    .optional()
    .describe('largest request over gRPC, in bytes; by default --max_body_bytes'),
  grpc_max_send_message_length: integer({ min: -1, max: INT32_MAX })
    .default(-1)
    .describe('largest answer over gRPC, in bytes; -1 means no limit'),
  timeout_keep_alive: decimal({ min: 1, max: 86_400 })
    .default(65)
    .describe(
      'seconds that a REST connection may be idle; longer than at the proxies in front (Envoy, Knative: 60), so that it is they who close it',
    ),
  enable_docs_url: flag().default(true).describe('whether /docs shows the API as a page (Swagger UI)'),
  enable_admin: flag()
    .default(false)
    .describe('whether clients may list, load and unload models (/v2/repository, over gRPC too)'),
});
