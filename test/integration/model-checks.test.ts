import { rm, writeFile } from 'node:fs/promises';
import { ServiceError } from '../../src/errors.js';
import { parsePredictorAddress } from '../../src/predictor/triton/address.js';
import { createGrpcTransport } from '../../src/predictor/triton/grpc/grpc-transport.js';
import { createHttpTransport } from '../../src/predictor/triton/http/http-transport.js';
import type { ModelConfig } from '../../src/predictor/triton/models/model-config.js';
import type { TritonInferRequest } from '../../src/predictor/triton/inference.js';
import { checkRequest } from '../../src/predictor/triton/models/check-request.js';
import { createKeptModels } from '../../src/predictor/triton/models/kept-models.js';
import { loadModelDescription } from '../../src/predictor/triton/models/load-model-description.js';
import { createModelChecks } from '../../src/predictor/triton/models/model-checks.js';
import { describeModel, type ModelDescription } from '../../src/predictor/triton/models/model-description.js';
import type { TransportCall, TritonTransport } from '../../src/predictor/triton/transport.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { metadataOf, MODEL, MODEL_CASES, type RequestCase, zeros } from '../predictor/triton/models/request-cases.js';
import { type OwnTriton, startOwnTriton } from './real-triton.js';

const CONNECT = { concurrency: 8, connectTimeoutMs: 5000, maxAnswerBytes: Infinity };
const REGION = { name: 'faces', key: `/model-checks-${process.pid}`, byteSize: 4096 };

function call(): TransportCall {
  return { signal: AbortSignal.timeout(20_000), remainingMs: () => 20_000, headers: {} };
}

/** What a server's own check would be called by: the message of the refusal, or undefined. */
function refusalOf(request: TritonInferRequest, description: ModelDescription): string | undefined {
  try {
    checkRequest(request, description);
    return undefined;
  } catch (error) {
    return error instanceof ServiceError ? error.message : String(error);
  }
}

describe('checkRequest() beside a real Triton', () => {
  let triton: OwnTriton;
  let servers: Readonly<Record<'http' | 'grpc', TritonTransport>>;

  beforeAll(async () => {
    const from = ['test/fixtures/triton-models'];
    triton = await startOwnTriton({ from, args: ['--model-control-mode=explicit'] });
    servers = {
      http: createHttpTransport(parsePredictorAddress(`http://${triton.address('http')}`), CONNECT),
      grpc: createGrpcTransport(parsePredictorAddress(`grpc://${triton.address('grpc')}`), CONNECT),
    };
    await writeFile(`/dev/shm${REGION.key}`, new Uint8Array(REGION.byteSize));
    await servers.http.registerSystemSharedMemory(REGION, call());
  }, 60_000);

  afterAll(async () => {
    await Promise.all([servers.http.close(), servers.grpc.close()]);
    await triton.close();
    await rm(`/dev/shm${REGION.key}`, { force: true });
  });

  const load = (config: ModelConfig) => servers.http.loadModel({ model: MODEL, config }, call());
  const sent = ({ server }: RequestCase) => server !== 'dies';

  describe.each(MODEL_CASES)('$title', ({ config, requests }) => {
    beforeAll(() => load(config), 60_000);

    it.each(['http', 'grpc'] as const)('is described over %s as the tests describe it', async (protocol) => {
      const description = await loadModelDescription(servers[protocol], MODEL, call());
      expect(description).toEqual(describeModel(MODEL, metadataOf(config), config));
    });

    it.each(requests.filter(sent))('$title', async ({ request, refusal, server }) => {
      const whole = { model: MODEL, ...request };
      const description = await loadModelDescription(servers.http, MODEL, call());
      expect(refusalOf(whole, description)).toBe(refusal);
      for (const transport of Object.values(servers)) {
        const answer = transport.infer(whole, call());
        if ((server ?? (refusal === undefined ? 'answers' : 'refuses')) === 'answers') await answer;
        else expect((await serviceErrorOf(answer)).upstream?.status).toMatch(/INVALID_ARG|UNIMPLEMENTED/);
      }
    });
  });

  it('follows a model that someone else loads anew', async () => {
    const [batching, plain] = MODEL_CASES.map(({ config }) => config);
    if (batching === undefined || plain === undefined) throw new Error('Two models are expected');
    let now = 0;
    const checks = createModelChecks({ models: createKeptModels({ now: () => now }), now: () => now });
    const check = (shape: readonly number[]) => {
      const request = { model: MODEL, inputs: { IMAGE: zeros('FP32', shape) } };
      return checks.check(request, () => loadModelDescription(servers.grpc, MODEL, call()));
    };

    await load(batching);
    await check([1, 3, 2, 2]);
    await load(plain);
    now = 1001;
    await check([3, 2]);
    expect((await serviceErrorOf(check([1, 3, 2, 2]))).message).toContain('must have the shape [3,-1]');
  });

  it('passes requests to a model that the server does not know', async () => {
    const checks = createModelChecks({ models: createKeptModels() });
    const request = { model: 'nobody', inputs: { IMAGE: zeros('FP32', [1]) } };
    await checks.check(request, () => loadModelDescription(servers.http, 'nobody', call()));
    expect((await serviceErrorOf(servers.http.infer(request, call()))).upstream?.status).toBe('NOT_FOUND');
  });
});
