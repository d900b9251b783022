import * as z from 'zod';
import { choice, decimal, integer, text } from './fields.js';

const PORT = { min: 0, max: 65_535 };
const GIB = 1024 ** 3;

/**
 * Every option of the service itself, under the name that its flag, its environment variable (in capitals) and its key
 * of the configuration file have. Names and meanings are those of KServe's Python SDK where it has the option.
 * A transformer's own options are listed by the registry.
 */
export const serviceOptions = z.object({
  model_name: text("a model's name")
    .default('facequality')
    .describe("the name served; KServe's controller sets it to the InferenceService's name"),
  transformer: text("a transformer's name")
    .optional()
    .describe('what the service does; by default the transformer named like --model_name'),
  predictor_host: text('host, host:port, http(s)://…, grpc(s)://…, or embedded')
    .default('embedded')
    .describe(
      'where the models run: host, host:port, http(s)://…, grpc(s)://…, or embedded for inside this process; without a port :80, or :443 with TLS',
    ),
  predictor_protocol: choice(['v2', 'grpc-v2'])
    .optional()
    .describe("v2 is Triton's HTTP, grpc-v2 its gRPC; by default from the port: 8001 and 9000 mean grpc-v2"),
  model_repository: text('a folder')
    .default('triton-models')
    .describe('folder of the models that the embedded predictor runs'),
  embedded_threads: integer({ min: 0, max: 256 })
    .default(0)
    .describe('CPU threads of one call to the embedded predictor; 0 means one per core'),
  http_port: integer(PORT).default(8080).describe('port of the REST server; 0 takes a free one'),
  concurrency: integer({ min: 1, max: 100_000 })
    .default(100)
    .describe('calls in flight to the predictor, for the whole process'),
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
      'threads that sample pictures, and pictures decoded at once (of these never more than UV_THREADPOOL_SIZE, 4 by default); 0 means one per core',
    ),
  request_timeout_seconds: decimal({ min: 0.001, max: 86_400 })
    .default(60)
    .describe('time limit for a request to arrive, and again for the answer to it, waiting included'),
  predictor_request_timeout_seconds: decimal({ min: 0.001, max: 86_400 })
    .default(30)
    .describe('time limit of one call to the predictor'),
  predictor_max_body_bytes: integer({ min: 1024, max: 2 * GIB })
    .default(66_000_000)
    .describe("most bytes of tensors in one call to the predictor; Triton's own limit for HTTP is 67108864"),
  single_response: choice(['multi', 'bare'])
    .default('multi')
    .describe('answer to a single Request: multi is a MultiResponse of length 1, bare a Response'),
  item_errors: choice(['keep', 'fail'])
    .default('keep')
    .describe("keep puts a bad item's error in its place and scores the others; fail fails the whole request"),
  shutdown_grace_seconds: decimal({ min: 0, max: 3600 })
    .default(30)
    .describe('how long requests in flight may take to end after SIGTERM'),
  log_level: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe("least severe level that is logged; KServe's KSERVE_LOGLEVEL is understood too"),
});
