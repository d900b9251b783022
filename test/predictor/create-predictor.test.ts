import { createLogger } from '../../src/observability/logger.js';
import { createPredictor, type PredictorOptions } from '../../src/predictor/create-predictor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';

const OPTIONS: PredictorOptions = {
  protocol: undefined,
  repository: 'triton-models',
  threads: 1,
  concurrency: 1,
  requestTimeoutMs: 1000,
  logger: createLogger({ level: 'silent' }),
};

describe('createPredictor()', () => {
  it.each([
    ['triton:8000', undefined, 'http://triton:8000', { hasV1: false, hasStreams: false }],
    ['triton:8001', undefined, 'grpc://triton:8001', { hasV1: false, hasStreams: true }],
    ['triton:8000', 'grpc-v2', 'grpc://triton:8000', { hasV1: false, hasStreams: true }],
    ['torchserve', 'v1', 'http://torchserve:80', { hasV1: true, hasStreams: false }],
    ['https://torchserve', 'v1', 'https://torchserve:443', { hasV1: true, hasStreams: false }],
  ] as const)('makes of %s by protocol %s one at %s', async (host, protocol, address, expected) => {
    const predictor = await createPredictor(host, { ...OPTIONS, protocol });
    const { v1, inferStream } = predictor;
    expect(predictor.address).toBe(address);
    expect({ hasV1: v1 !== undefined, hasStreams: inferStream !== undefined }).toEqual(expected);
    await predictor.close();
  });

  it.each([
    ['grpc://torchserve', { protocol: 'v1' as const }, 'its scheme means the protocol grpc-v2, but v1 is asked for'],
    ['triton:8001', { retries: 9 }, 'retries.attempts must be a whole number from 2 to 5; received "10"'],
    ['sklearn', { protocol: 'v1' as const, retries: 9 }, 'retries.attempts must be a whole number from 2 to 5'],
    ['triton:8001', { tls: { ca: 'pem' } }, 'The option tls needs an address with https:// or grpcs://'],
  ])('refuses %s with %j', async (host, options, message) => {
    const error = await serviceErrorOf(createPredictor(host, { ...OPTIONS, ...options }));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
  });
});
