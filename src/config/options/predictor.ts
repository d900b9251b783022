import * as z from 'zod';
import { choice, decimal, flag, integer, text } from '../fields.js';
import { GIB } from './units.js';

/** How a served model calls its predictor. */
export const predictorOptions = z.object({
  predictor_host: text('host, host:port, http(s)://…, grpc(s)://…, or embedded')
    .default('embedded')
    .describe(
      'where the models run: host, host:port, http(s)://…, grpc(s)://…, or embedded for inside this process; without a port :80, or :443 with TLS',
    ),
  predictor_protocol: choice(['v1', 'v2', 'grpc-v2'])
    .optional()
    .describe(
      "v2 is Triton's HTTP, grpc-v2 its gRPC, v1 the older REST protocol of TorchServe and others; by default from the port: 8001 and 9000 mean grpc-v2, any other v2",
    ),
  predictor_model_name: text("a model's name")
    .optional()
    .describe("the model's name on the predictor, for transformers of one model; by default the transformer's own"),
  predictor_use_ssl: flag().default(false).describe('TLS to a predictor whose address names no scheme'),
  predictor_request_timeout_seconds: decimal({ min: 0.001, max: 86_400 })
    .default(30)
    .describe('time limit of one call to the predictor, retries included'),
  predictor_request_retries: integer({ min: 0, max: 4 })
    .default(0)
    .describe('how often a call is made again that was certainly not answered in any part'),
  max_batch_delay_ms: integer({ min: 0, max: 1000 })
    .default(0)
    .describe(
      'longest that a call to the predictor waits for those of other requests, to be made as one with them, in milliseconds; none waits where no other request is worked on. 0 never joins calls',
    ),
});

/** What holds for the predictors of the whole process. */
export const allPredictorsOptions = z.object({
  concurrency: integer({ min: 1, max: 100_000 })
    .default(100)
    .describe(
      'calls in flight to the predictor, over all models that call it alike: same address, protocol, time limit and retries',
    ),
  predictor_max_body_bytes: integer({ min: 1024, max: 2 * GIB })
    .default(66_000_000)
    .describe("most bytes of tensors in one call to the predictor; Triton's own limit for HTTP is 67108864"),
  model_repository: text('a folder')
    .default('triton-models')
    .describe('folder of the models that the embedded predictor runs; each is loaded when it is asked for first'),
  embedded_threads: integer({ min: 0, max: 256 })
    .default(0)
    .describe('CPU threads of one call to the embedded predictor; 0 means one per core'),
});
