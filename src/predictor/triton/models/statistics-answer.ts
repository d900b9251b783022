import * as z from 'zod';
import type { ModelStatistics } from '../administration.js';
import { wireInteger } from '../parse-answer.js';

const duration = z
  .object({ count: wireInteger, ns: wireInteger })
  .nullish()
  .transform((known) => known ?? { count: 0, ns: 0 });

/** The messages that gRPC leaves out have counted nothing. */
const inferenceStats = z
  .object({
    success: duration,
    fail: duration,
    queue: duration,
    compute_input: duration,
    compute_infer: duration,
    compute_output: duration,
    cache_hit: duration,
    cache_miss: duration,
  })
  .transform(({ success, fail, queue, ...stats }) => ({
    success,
    fail,
    queue,
    computeInput: stats.compute_input,
    computeInfer: stats.compute_infer,
    computeOutput: stats.compute_output,
    cacheHit: stats.cache_hit,
    cacheMiss: stats.cache_miss,
  }));

const responseStats = z
  .object({
    compute_infer: duration,
    compute_output: duration,
    success: duration,
    fail: duration,
    empty_response: duration,
    cancel: duration,
  })
  .transform(({ success, fail, cancel, ...stats }) => ({
    computeInfer: stats.compute_infer,
    computeOutput: stats.compute_output,
    success,
    fail,
    emptyResponse: stats.empty_response,
    cancel,
  }));

const batchStats = z
  .object({
    batch_size: wireInteger,
    compute_input: duration,
    compute_infer: duration,
    compute_output: duration,
  })
  .transform((stats) => ({
    batchSize: stats.batch_size,
    computeInput: stats.compute_input,
    computeInfer: stats.compute_infer,
    computeOutput: stats.compute_output,
  }));

const memoryUsage = z
  .object({ type: z.string(), id: wireInteger, byte_size: wireInteger })
  .transform(({ type, id, byte_size }) => ({ type, id, byteSize: byte_size }));

const modelStatistics = z
  .object({
    name: z.string(),
    version: z.string(),
    last_inference: wireInteger,
    inference_count: wireInteger,
    execution_count: wireInteger,
    inference_stats: inferenceStats,
    response_stats: z.record(z.string(), responseStats).default({}),
    batch_stats: z.array(batchStats).default([]),
    memory_usage: z.array(memoryUsage).default([]),
  })
  .transform(({ name, version, ...stats }) => ({
    name,
    version,
    lastInference: stats.last_inference,
    inferenceCount: stats.inference_count,
    executionCount: stats.execution_count,
    inferenceStats: stats.inference_stats,
    responseStats: stats.response_stats,
    batchStats: stats.batch_stats,
    memoryUsage: stats.memory_usage,
  }));

/** Statistics of models, of either protocol. */
export const statisticsSchema: z.ZodType<readonly ModelStatistics[]> = z
  .object({ model_stats: z.array(modelStatistics) })
  .transform((answer) => answer.model_stats);
