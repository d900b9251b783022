import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelConfig } from '../../src/predictor/triton/models/model-config.js';
import { float32Tensor } from '../../src/tensor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import {
  type Administration,
  CALL,
  openGrpc,
  openHttp,
  type OpenAdministration,
} from '../predictor/triton/administration-setup.js';
import { type OwnTriton, type Protocol, startOwnTriton, tritonPredictor } from './real-triton.js';

const PROTOCOLS: readonly Protocol[] = ['http', 'grpc'];

const TENSORS = {
  input: [{ name: 'INPUT0', data_type: 'TYPE_FP32', dims: [-1] }],
  output: [{ name: 'OUTPUT0', data_type: 'TYPE_FP32', dims: [-1] }],
};

/** Triton maps a region from where it begins, which a whole page does. */
const PAGE_BYTES = 4096;

const DOUBLING = `
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        inputs = [pb_utils.get_input_tensor_by_name(request, "INPUT0").as_numpy() for request in requests]
        return [pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT0", 2 * x)]) for x in inputs]
`;

let triton: OwnTriton;
let open: Record<Protocol, OpenAdministration>;

beforeAll(async () => {
  const args = ['--model-control-mode=explicit', '--load-model=copy'];
  triton = await startOwnTriton({ from: ['test/fixtures/triton-models'], args });
  open = { http: openHttp(triton.address('http')), grpc: openGrpc(triton.address('grpc')) };
}, 120_000);

afterAll(async () => {
  await Promise.all(PROTOCOLS.map((protocol) => open[protocol].close()));
  await triton.close();
});

/** What both protocols say, which is the same. */
async function sameOverBoth<T>(ask: (administration: Administration) => Promise<T>): Promise<T> {
  const overHttp = await ask(open.http.administration);
  expect(await ask(open.grpc.administration)).toEqual(overHttp);
  return overHttp;
}

/** What a question comes to, asked again until the answer is as wanted; the test's time limit ends it. */
async function askUntil<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
  }
}

/** Loads a model anew, with the configuration of the repository. */
async function reset(model: string): Promise<void> {
  const { administration } = open.grpc;
  await administration.unloadModel({ model }, CALL);
  await administration.loadModel({ model }, CALL);
}

/** What a model makes of some numbers. */
async function infer(model: string, numbers: readonly number[], shape = [numbers.length]): Promise<number[]> {
  const predictor = await tritonPredictor('grpc', triton.address('grpc'));
  try {
    const inputs = new Map([['INPUT0', float32Tensor(shape, Float32Array.from(numbers))]]);
    const { outputs } = await predictor.infer({ model, inputs });
    return Array.from(outputs.get('OUTPUT0')?.data as Float32Array);
  } finally {
    await predictor.close();
  }
}

describe('what both protocols say alike', () => {
  it("is the server's metadata", async () => {
    const metadata = await sameOverBoth((triton) => triton.serverMetadata(CALL));
    expect(metadata).toMatchObject({ name: 'triton', version: expect.stringMatching(/^2\.\d+\.\d+/) });
    expect(metadata.extensions).toContain('binary_tensor_data');
  });

  it("is a model's metadata, of its newest or of a certain version", async () => {
    const metadata = await sameOverBoth((triton) => triton.modelMetadata('copy', CALL));
    expect(metadata).toEqual({
      name: 'copy',
      versions: ['1'],
      platform: 'python',
      inputs: [{ name: 'INPUT0', datatype: 'FP32', shape: [-1] }],
      outputs: [{ name: 'OUTPUT0', datatype: 'FP32', shape: [-1] }],
    });
    expect(await sameOverBoth((triton) => triton.modelMetadata({ model: 'copy', version: '1' }, CALL))).toEqual(
      metadata,
    );
  });

  it("is a model's configuration, with all that Triton adds", async () => {
    const config = await sameOverBoth((triton) => triton.modelConfig('copy', CALL));
    expect(config).toMatchObject({ name: 'copy', backend: 'python', max_batch_size: 0, input: [{ dims: [-1] }] });
  });

  it('is the repository, wholly or by what is ready', async () => {
    const index = await sameOverBoth((triton) => triton.repositoryIndex(undefined, CALL));
    expect(index).toContainEqual({ name: 'copy', version: '1', state: 'READY', reason: '' });
    const ready = await sameOverBoth((triton) => triton.repositoryIndex({ ready: true }, CALL));
    expect(ready).toEqual([{ name: 'copy', version: '1', state: 'READY', reason: '' }]);
  });

  it('is the readiness of server, models and versions', async () => {
    expect(await sameOverBoth((triton) => triton.isServerLive(CALL))).toBe(true);
    expect(await sameOverBoth((triton) => triton.isServerReady(CALL))).toBe(true);
    expect(await sameOverBoth((triton) => triton.isModelReady({ model: 'copy', version: '1' }, CALL))).toBe(true);
    expect(await sameOverBoth((triton) => triton.isModelReady({ model: 'copy', version: '9' }, CALL))).toBe(false);
    expect(await sameOverBoth((triton) => triton.isModelReady('nobody', CALL))).toBe(false);
  });

  it('is what a model has done, which grows with each inference', async () => {
    const [before] = await sameOverBoth((triton) => triton.statistics('copy', CALL));
    const inferences = (before?.inferenceCount ?? 0) + 1;
    await infer('copy', [1, 2, 3]);
    // Triton counts an inference after it has answered it.
    await askUntil(
      () => open.http.administration.statistics('copy', CALL),
      ([model]) => model?.inferenceCount === inferences,
    );
    const statistics = await sameOverBoth((triton) => triton.statistics({ model: 'copy', version: '1' }, CALL));
    expect(statistics).toHaveLength(1);
    const [model] = statistics;
    expect(model?.executionCount).toBe((before?.executionCount ?? 0) + 1);
    expect(model?.inferenceStats.success.ns).toBeGreaterThan(0);
    expect(model?.batchStats[0]).toMatchObject({ batchSize: 1, computeInfer: { count: model?.executionCount } });
    expect(Math.abs(Date.now() - (model?.lastInference ?? 0))).toBeLessThan(60_000);
    expect(await sameOverBoth((triton) => triton.statistics(undefined, CALL))).toHaveLength(1);
  });

  it.each<readonly [string, ModelConfig]>([
    [
      'dynamic batching',
      {
        backend: 'python',
        max_batch_size: 4,
        input: [{ name: 'INPUT0', data_type: 'TYPE_FP32', dims: [-1], reshape: { shape: [-1] } }],
        output: TENSORS.output,
        version_policy: { specific: { versions: [1] } },
        dynamic_batching: {
          preferred_batch_size: [2, 4],
          max_queue_delay_microseconds: 100,
          priority_levels: 2,
          default_priority_level: 1,
          default_queue_policy: { timeout_action: 'DELAY', default_timeout_microseconds: 5, max_queue_size: 3 },
          priority_queue_policy: { 1: { default_timeout_microseconds: 7 } },
        },
        metric_tags: { dims: '3' },
        parameters: { dims: { string_value: '5' } },
        response_cache: { enable: false },
        model_warmup: [
          { name: 'w', batch_size: 1, inputs: { INPUT0: { data_type: 'TYPE_FP32', dims: [4], zero_data: true } } },
        ],
      },
    ],
    [
      'sequence batching',
      {
        ...TENSORS,
        backend: 'python',
        max_batch_size: 4,
        sequence_batching: {
          max_sequence_idle_microseconds: 5_000_000,
          direct: { max_queue_delay_microseconds: 3, minimum_slot_utilization: 0.1 },
          control_input: [{ name: 'START', control: [{ kind: 'CONTROL_SEQUENCE_START', fp32_false_true: [0, 0.3] }] }],
          state: [
            {
              input_name: 'a',
              output_name: 'b',
              data_type: 'TYPE_FP32',
              dims: [1],
              initial_state: [{ name: 'i', data_type: 'TYPE_FP32', dims: [1], zero_data: true }],
            },
          ],
        },
      },
    ],
  ])('is a configuration with %s', async (_, config) => {
    await open.grpc.administration.loadModel({ model: 'copy', config }, CALL);
    try {
      expect(await sameOverBoth((triton) => triton.modelConfig('copy', CALL))).toMatchObject(config);
    } finally {
      await reset('copy');
    }
  });
});

describe.each(PROTOCOLS)('the model repository over %s', (protocol) => {
  const administration = () => open[protocol].administration;

  it('loads a model with another configuration, and with its own again', async () => {
    const config = { ...TENSORS, backend: 'python', max_batch_size: 8 };
    await administration().loadModel({ model: 'copy', config }, CALL);
    expect(await administration().modelConfig('copy', CALL)).toMatchObject({ max_batch_size: 8 });
    expect((await administration().modelMetadata('copy', CALL)).inputs[0]?.shape).toEqual([-1, -1]);
    expect(await infer('copy', [1, 2, 3, 4], [2, 2])).toEqual([1, 2, 3, 4]);
    await reset('copy');
    expect(await administration().modelConfig('copy', CALL)).toMatchObject({ max_batch_size: 0 });
  });

  it('loads a model from files, and unloads it', async () => {
    const model = `doubled_over_${protocol}`;
    const files = { '1/model.py': Buffer.from(DOUBLING) };
    await administration().loadModel({ model, config: { ...TENSORS, backend: 'python' }, files }, CALL);
    expect(await administration().isModelReady(model, CALL)).toBe(true);
    expect(await infer(model, [1, -0.5])).toEqual([2, -1]);
    await administration().unloadModel({ model, unloadDependents: true }, CALL);
    expect(await administration().isModelReady(model, CALL)).toBe(false);
  });

  it('unloads a model of the repository, which then says so in the index', async () => {
    await administration().unloadModel({ model: 'copy' }, CALL);
    const entry = await askUntil(
      async () => (await administration().repositoryIndex(undefined, CALL)).find(({ name }) => name === 'copy'),
      (found) => found?.state !== 'UNLOADING',
    );
    expect(entry).toEqual({ name: 'copy', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' });
    expect(await administration().repositoryIndex({ ready: true }, CALL)).toEqual([]);
    await administration().loadModel({ model: 'copy' }, CALL);
  });

  it('says what Triton says of a model that it does not have', async () => {
    const error = await serviceErrorOf(administration().loadModel({ model: 'nobody' }, CALL));
    const text = "failed to load 'nobody', failed to poll from model repository";
    expect(error).toMatchObject({ code: 'upstream_error', upstream: { status: 'INTERNAL', text } });
  });

  it('says what Triton says of models that are not there', async () => {
    const unknown = await serviceErrorOf(administration().modelConfig('nobody', CALL));
    expect(unknown).toMatchObject({ code: 'upstream_error', upstream: { status: 'NOT_FOUND' } });
    const statistics = await serviceErrorOf(administration().statistics('nobody', CALL));
    expect(statistics.upstream?.text).toBe("requested model 'nobody' is not available");
  });
});

describe.each(PROTOCOLS)('settings over %s', (protocol) => {
  const administration = () => open[protocol].administration;

  it('changes log settings, which both protocols then say, and takes them back', async () => {
    const before = await sameOverBoth((triton) => triton.logSettings(CALL));
    expect(before).toMatchObject({ log_info: true, log_verbose_level: 0, log_format: 'default' });
    const changes = { log_info: false, log_verbose_level: 1, log_format: 'ISO8601' };
    expect(await administration().updateLogSettings(changes, CALL)).toEqual({ ...before, ...changes });
    expect(await sameOverBoth((triton) => triton.logSettings(CALL))).toEqual({ ...before, ...changes });
    const back = { log_info: true, log_verbose_level: 0, log_format: 'default' };
    expect(await administration().updateLogSettings(back, CALL)).toEqual(before);
  });

  it('keeps what Triton says of a log file', async () => {
    const error = await serviceErrorOf(administration().updateLogSettings({ log_file: '/tmp/log' }, CALL));
    const text = 'log file location can not be updated through network protocol';
    expect(error).toMatchObject({ code: 'upstream_error', upstream: { status: 'UNIMPLEMENTED', text } });
  });

  it("changes a model's trace settings, and takes them back to the server's", async () => {
    const before = await sameOverBoth((triton) => triton.traceSettings(undefined, CALL));
    expect(before).toMatchObject({ trace_level: ['OFF'], trace_rate: ['1000'], trace_count: ['-1'] });
    const model = 'copy';
    const settings = { trace_rate: '7', trace_level: ['OFF'] };
    const changed = await administration().updateTraceSettings({ model, settings }, CALL);
    expect(changed).toEqual({ ...before, trace_rate: ['7'] });
    expect(await sameOverBoth((triton) => triton.traceSettings(model, CALL))).toEqual(changed);
    expect(await sameOverBoth((triton) => triton.traceSettings(undefined, CALL))).toEqual(before);
    const back = await administration().updateTraceSettings(
      { model, settings: { trace_rate: null, trace_level: null } },
      CALL,
    );
    expect(back).toEqual(before);
  });

  it('keeps what Triton says of a trace without a file', async () => {
    const settings = { trace_level: ['TIMESTAMPS', 'TENSORS'] };
    const error = await serviceErrorOf(administration().updateTraceSettings({ settings }, CALL));
    const text = expect.stringContaining('trace file name is not given');
    expect(error).toMatchObject({ code: 'upstream_error', upstream: { status: 'INVALID_ARGUMENT', text } });
  });
});

describe.each(PROTOCOLS)('shared memory over %s', (protocol) => {
  const administration = () => open[protocol].administration;
  const name = `administration_${protocol}`;
  const key = `/${name}_${process.pid}`;
  const otherKey = `${key}_other`;
  const files = [key, otherKey].map((object) => path.join('/dev/shm', object));

  beforeEach(() => Promise.all(files.map((file) => writeFile(file, new Uint8Array(2 * PAGE_BYTES)))));
  afterEach(async () => {
    await administration().unregisterSystemSharedMemory(undefined, CALL);
    await Promise.all(files.map((file) => rm(file)));
  });

  it('registers, tells and forgets regions', async () => {
    const region = { name, key, offset: PAGE_BYTES, byteSize: 32 };
    await administration().registerSystemSharedMemory(region, CALL);
    await administration().registerSystemSharedMemory({ name: `a_${name}`, key: otherKey, byteSize: 64 }, CALL);
    expect(await sameOverBoth((triton) => triton.systemSharedMemory(name, CALL))).toEqual([region]);
    expect(await sameOverBoth((triton) => triton.systemSharedMemory(undefined, CALL))).toEqual([
      { name: `a_${name}`, key: otherKey, offset: 0, byteSize: 64 },
      region,
    ]);
    await administration().unregisterSystemSharedMemory(name, CALL);
    expect(await administration().systemSharedMemory(undefined, CALL)).toHaveLength(1);
    await administration().unregisterSystemSharedMemory(undefined, CALL);
    expect(await sameOverBoth((triton) => triton.systemSharedMemory(undefined, CALL))).toEqual([]);
  });

  it('keeps what Triton says of a region that it cannot open, and of one that it does not know', async () => {
    const region = { name, key: `${key}_missing`, byteSize: 64 };
    const unopened = await serviceErrorOf(administration().registerSystemSharedMemory(region, CALL));
    const text = `Unable to open shared memory region: '${region.key}'`;
    expect(unopened).toMatchObject({ code: 'upstream_error', upstream: { status: 'INTERNAL', text } });
    const unknown = await serviceErrorOf(administration().systemSharedMemory('nothing', CALL));
    expect(unknown).toMatchObject({ code: 'upstream_error', upstream: { status: 'NOT_FOUND' } });
  });

  it('keeps what a Triton without a GPU says of CUDA memory', async () => {
    const region = { name, rawHandle: new Uint8Array(64), deviceId: 0, byteSize: 64 };
    const error = await serviceErrorOf(administration().registerCudaSharedMemory(region, CALL));
    const text = 'failed to register shared memory region: invalid args';
    expect(error).toMatchObject({ code: 'upstream_error', upstream: { status: 'INVALID_ARGUMENT', text } });
    expect(await administration().cudaSharedMemory(undefined, CALL)).toEqual([]);
    await administration().unregisterCudaSharedMemory(undefined, CALL);
  });
});
