import { status } from '@grpc/grpc-js';
import type { ModelConfig } from '../../../src/predictor/triton/models/model-config.js';
import {
  type AskedOverGrpc,
  type AskedOverHttp,
  type GrpcReply,
  type HttpReply,
  type RecordingServer,
  startRecordingGrpc,
  startRecordingHttp,
} from '../../helpers/recording-triton.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { type Administration, CALL, openGrpc, openHttp, type OpenAdministration } from './administration-setup.js';

type Act = (administration: Administration) => Promise<unknown>;

const closes: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closes.splice(0).map((close) => close()));
});

/** An administration, and what its server was asked. */
function over<Asked>(
  server: RecordingServer<Asked>,
  open: (address: string) => OpenAdministration,
): { administration: Administration; asked: readonly Asked[] } {
  const { administration, close } = open(`127.0.0.1:${server.port}`);
  closes.push(async () => {
    await close();
    await server.close();
  });
  return { administration, asked: server.asked };
}

const overHttp = async (reply: HttpReply) => over(await startRecordingHttp(reply), openHttp);
const overGrpc = async (reply: GrpcReply) => over(await startRecordingGrpc(reply), openGrpc);

/** One of each protocol that answers nothing of use. */
const overBoth = async () => [await overHttp({ body: {} }), await overGrpc({ message: {} })] as const;

interface WireCase {
  readonly name: string;
  readonly act: Act;
  readonly result: unknown;
  readonly http: AskedOverHttp & { readonly answer?: unknown };
  readonly grpc: AskedOverGrpc & { readonly message?: object };
}

const zero = { count: 0, ns: 0 };
const RAW_HANDLE = Uint8Array.from({ length: 64 }, (_, i) => i);
const CONFIG: ModelConfig = { backend: 'python', max_batch_size: 4 };

const CASES: readonly WireCase[] = [
  {
    name: 'isServerLive',
    act: (triton) => triton.isServerLive(CALL),
    result: true,
    http: { request: 'GET /v2/health/live', body: undefined },
    grpc: { rpc: 'ServerLive', request: {}, message: { live: true } },
  },
  {
    name: 'isServerReady',
    act: (triton) => triton.isServerReady(CALL),
    result: true,
    http: { request: 'GET /v2/health/ready', body: undefined },
    grpc: { rpc: 'ServerReady', request: {}, message: { ready: true } },
  },
  {
    name: 'isModelReady of a version',
    act: (triton) => triton.isModelReady({ model: 'faces é/1', version: '2' }, CALL),
    result: true,
    http: { request: 'GET /v2/models/faces%20%C3%A9%2F1/versions/2/ready', body: undefined },
    grpc: { rpc: 'ModelReady', request: { name: 'faces é/1', version: '2' }, message: { ready: true } },
  },
  {
    name: 'serverMetadata',
    act: (triton) => triton.serverMetadata(CALL),
    result: { name: 'triton', version: '2.51.0', extensions: ['sequence'] },
    http: {
      request: 'GET /v2',
      body: undefined,
      answer: { name: 'triton', version: '2.51.0', extensions: ['sequence'] },
    },
    grpc: {
      rpc: 'ServerMetadata',
      request: {},
      message: { name: 'triton', version: '2.51.0', extensions: ['sequence'] },
    },
  },
  {
    name: 'modelMetadata',
    act: (triton) => triton.modelMetadata('faces', CALL),
    result: {
      name: 'faces',
      versions: ['1'],
      platform: 'python',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      outputs: [],
    },
    http: {
      request: 'GET /v2/models/faces',
      body: undefined,
      answer: {
        name: 'faces',
        versions: ['1'],
        platform: 'python',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      },
    },
    grpc: {
      rpc: 'ModelMetadata',
      request: { name: 'faces', version: '' },
      message: {
        name: 'faces',
        versions: ['1'],
        platform: 'python',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      },
    },
  },
  {
    name: 'repositoryIndex of all models',
    act: (triton) => triton.repositoryIndex(undefined, CALL),
    result: [
      { name: 'faces', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' },
      { name: 'plates', version: '', state: '', reason: '' },
    ],
    http: {
      request: 'POST /v2/repository/index',
      body: { ready: false },
      answer: [{ name: 'faces', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' }, { name: 'plates' }],
    },
    grpc: {
      rpc: 'RepositoryIndex',
      request: { ready: false, repository_name: '' },
      message: {
        models: [{ name: 'faces', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' }, { name: 'plates' }],
      },
    },
  },
  {
    name: "repositoryIndex of one repository's ready models",
    act: (triton) => triton.repositoryIndex({ ready: true, repository: 'a b' }, CALL),
    result: [],
    http: { request: 'POST /v2/repository/a%20b/index', body: { ready: true }, answer: [] },
    grpc: { rpc: 'RepositoryIndex', request: { ready: true, repository_name: 'a b' } },
  },
  {
    name: 'loadModel',
    act: (triton) => triton.loadModel({ model: 'faces' }, CALL),
    result: undefined,
    http: { request: 'POST /v2/repository/models/faces/load', body: { parameters: {} } },
    grpc: { rpc: 'RepositoryModelLoad', request: { model_name: 'faces', repository_name: '' } },
  },
  {
    name: 'loadModel with a configuration and files',
    act: (triton) => {
      const files = { '1/model.py': Uint8Array.of(0, 255, 10) };
      return triton.loadModel({ model: 'faces', repository: 'r', config: CONFIG, files }, CALL);
    },
    result: undefined,
    http: {
      request: 'POST /v2/repository/r/models/faces/load',
      body: { parameters: { config: '{"backend":"python","max_batch_size":4}', 'file:1/model.py': 'AP8K' } },
    },
    grpc: {
      rpc: 'RepositoryModelLoad',
      request: {
        model_name: 'faces',
        repository_name: 'r',
        parameters: {
          config: { string_param: '{"backend":"python","max_batch_size":4}' },
          'file:1/model.py': { bytes_param: Buffer.from([0, 255, 10]) },
        },
      },
    },
  },
  {
    name: 'unloadModel',
    act: (triton) => triton.unloadModel({ model: 'faces', unloadDependents: true }, CALL),
    result: undefined,
    http: { request: 'POST /v2/repository/models/faces/unload', body: { parameters: { unload_dependents: true } } },
    grpc: {
      rpc: 'RepositoryModelUnload',
      request: { model_name: 'faces', repository_name: '', parameters: { unload_dependents: { bool_param: true } } },
    },
  },
  {
    name: 'statistics of a model',
    act: (triton) => triton.statistics('faces', CALL),
    result: [
      {
        name: 'faces',
        version: '1',
        lastInference: 1_700_000_000_000,
        inferenceCount: 3,
        executionCount: 1,
        inferenceStats: {
          success: { count: 1, ns: 9_007_199_254_740_991 },
          fail: zero,
          queue: zero,
          computeInput: zero,
          computeInfer: { count: 1, ns: 2 },
          computeOutput: zero,
          cacheHit: zero,
          cacheMiss: zero,
        },
        responseStats: {
          0: {
            computeInfer: { count: 4, ns: 5 },
            computeOutput: zero,
            success: zero,
            fail: zero,
            emptyResponse: { count: 6, ns: 7 },
            cancel: zero,
          },
        },
        batchStats: [{ batchSize: 3, computeInput: zero, computeInfer: { count: 1, ns: 2 }, computeOutput: zero }],
        memoryUsage: [{ type: 'CPU', id: -1, byteSize: 8 }],
      },
    ],
    http: {
      request: 'GET /v2/models/faces/stats',
      body: undefined,
      answer: {
        model_stats: [
          {
            name: 'faces',
            version: '1',
            last_inference: 1_700_000_000_000,
            inference_count: 3,
            execution_count: 1,
            inference_stats: { success: { count: 1, ns: 9_007_199_254_740_991 }, compute_infer: { count: 1, ns: 2 } },
            response_stats: { 0: { compute_infer: { count: 4, ns: 5 }, empty_response: { count: 6, ns: 7 } } },
            batch_stats: [{ batch_size: 3, compute_infer: { count: 1, ns: 2 } }],
            memory_usage: [{ type: 'CPU', id: -1, byte_size: 8 }],
          },
        ],
      },
    },
    grpc: {
      rpc: 'ModelStatistics',
      request: { name: 'faces', version: '' },
      message: {
        model_stats: [
          {
            name: 'faces',
            version: '1',
            last_inference: 1_700_000_000_000,
            inference_count: 3,
            execution_count: 1,
            inference_stats: { success: { count: 1, ns: 9_007_199_254_740_991 }, compute_infer: { count: 1, ns: 2 } },
            response_stats: { 0: { compute_infer: { count: 4, ns: 5 }, empty_response: { count: 6, ns: 7 } } },
            batch_stats: [{ batch_size: 3, compute_infer: { count: 1, ns: 2 } }],
            memory_usage: [{ type: 'CPU', id: -1, byte_size: 8 }],
          },
        ],
      },
    },
  },
  {
    name: 'statistics of all models',
    act: (triton) => triton.statistics(undefined, CALL),
    result: [],
    http: { request: 'GET /v2/models/stats', body: undefined, answer: { model_stats: [] } },
    grpc: { rpc: 'ModelStatistics', request: { name: '', version: '' } },
  },
  {
    name: 'traceSettings of a model',
    act: (triton) => triton.traceSettings('faces', CALL),
    result: { trace_level: ['TIMESTAMPS', 'TENSORS'], trace_rate: ['1000'] },
    http: {
      request: 'GET /v2/models/faces/trace/setting',
      body: undefined,
      answer: { trace_level: ['TIMESTAMPS', 'TENSORS'], trace_rate: '1000' },
    },
    grpc: {
      rpc: 'TraceSetting',
      request: { model_name: 'faces' },
      message: { settings: { trace_level: { value: ['TIMESTAMPS', 'TENSORS'] }, trace_rate: { value: ['1000'] } } },
    },
  },
  {
    name: 'updateTraceSettings',
    act: (triton) => {
      const settings = { trace_level: 'OFF', trace_rate: ['5'], trace_count: null };
      return triton.updateTraceSettings({ settings }, CALL);
    },
    result: { trace_rate: ['5'] },
    http: {
      request: 'POST /v2/trace/setting',
      body: { trace_level: ['OFF'], trace_rate: '5', trace_count: null },
      answer: { trace_rate: '5' },
    },
    grpc: {
      rpc: 'TraceSetting',
      request: {
        model_name: '',
        settings: { trace_level: { value: ['OFF'] }, trace_rate: { value: ['5'] }, trace_count: {} },
      },
      message: { settings: { trace_rate: { value: ['5'] } } },
    },
  },
  {
    name: 'logSettings',
    act: (triton) => triton.logSettings(CALL),
    result: { log_file: '', log_info: false, log_verbose_level: 0 },
    http: {
      request: 'GET /v2/logging',
      body: undefined,
      answer: { log_file: '', log_info: false, log_verbose_level: 0 },
    },
    grpc: {
      rpc: 'LogSettings',
      request: {},
      message: {
        settings: {
          log_file: { string_param: '' },
          log_info: { bool_param: false },
          log_verbose_level: { uint32_param: 0 },
        },
      },
    },
  },
  {
    name: 'updateLogSettings',
    act: (triton) => triton.updateLogSettings({ log_info: false, log_verbose_level: 0, log_format: '' }, CALL),
    result: { log_info: false },
    http: {
      request: 'POST /v2/logging',
      body: { log_info: false, log_verbose_level: 0, log_format: '' },
      answer: { log_info: false },
    },
    grpc: {
      rpc: 'LogSettings',
      request: {
        settings: {
          log_info: { bool_param: false },
          log_verbose_level: { uint32_param: 0 },
          log_format: { string_param: '' },
        },
      },
      message: { settings: { log_info: { bool_param: false } } },
    },
  },
  {
    name: 'systemSharedMemory of all regions, by name',
    act: (triton) => triton.systemSharedMemory(undefined, CALL),
    result: [
      { name: 'a', key: '/a', offset: 0, byteSize: 4 },
      { name: 'b', key: '/b', offset: 8, byteSize: 16 },
    ],
    http: {
      request: 'GET /v2/systemsharedmemory/status',
      body: undefined,
      answer: [
        { name: 'b', key: '/b', offset: 8, byte_size: 16 },
        { name: 'a', key: '/a', offset: 0, byte_size: 4 },
      ],
    },
    grpc: {
      rpc: 'SystemSharedMemoryStatus',
      request: { name: '' },
      message: {
        regions: {
          b: { name: 'b', key: '/b', offset: 8, byte_size: 16 },
          a: { name: 'a', key: '/a', offset: 0, byte_size: 4 },
        },
      },
    },
  },
  {
    name: 'systemSharedMemory of one region',
    act: (triton) => triton.systemSharedMemory('a/b', CALL),
    result: [],
    http: { request: 'GET /v2/systemsharedmemory/region/a%2Fb/status', body: undefined, answer: [] },
    grpc: { rpc: 'SystemSharedMemoryStatus', request: { name: 'a/b' } },
  },
  {
    name: 'registerSystemSharedMemory',
    act: (triton) => triton.registerSystemSharedMemory({ name: 'a', key: '/a', offset: 8, byteSize: 4 }, CALL),
    result: undefined,
    http: {
      request: 'POST /v2/systemsharedmemory/region/a/register',
      body: { key: '/a', offset: 8, byte_size: 4 },
    },
    grpc: { rpc: 'SystemSharedMemoryRegister', request: { name: 'a', key: '/a', offset: '8', byte_size: '4' } },
  },
  {
    name: 'unregisterSystemSharedMemory of one region',
    act: (triton) => triton.unregisterSystemSharedMemory('a', CALL),
    result: undefined,
    http: { request: 'POST /v2/systemsharedmemory/region/a/unregister', body: undefined },
    grpc: { rpc: 'SystemSharedMemoryUnregister', request: { name: 'a' } },
  },
  {
    name: 'unregisterSystemSharedMemory of all regions',
    act: (triton) => triton.unregisterSystemSharedMemory(undefined, CALL),
    result: undefined,
    http: { request: 'POST /v2/systemsharedmemory/unregister', body: undefined },
    grpc: { rpc: 'SystemSharedMemoryUnregister', request: { name: '' } },
  },
  {
    name: 'cudaSharedMemory',
    act: (triton) => triton.cudaSharedMemory(undefined, CALL),
    result: [{ name: 'a', deviceId: 1, byteSize: 4 }],
    http: {
      request: 'GET /v2/cudasharedmemory/status',
      body: undefined,
      answer: [{ name: 'a', device_id: 1, byte_size: 4 }],
    },
    grpc: {
      rpc: 'CudaSharedMemoryStatus',
      request: { name: '' },
      message: { regions: { a: { name: 'a', device_id: 1, byte_size: 4 } } },
    },
  },
  {
    name: 'registerCudaSharedMemory',
    act: (triton) =>
      triton.registerCudaSharedMemory({ name: 'a', rawHandle: RAW_HANDLE, deviceId: 1, byteSize: 4 }, CALL),
    result: undefined,
    http: {
      request: 'POST /v2/cudasharedmemory/region/a/register',
      body: { raw_handle: { b64: Buffer.from(RAW_HANDLE).toString('base64') }, device_id: 1, byte_size: 4 },
    },
    grpc: {
      rpc: 'CudaSharedMemoryRegister',
      request: { name: 'a', raw_handle: Buffer.from(RAW_HANDLE), device_id: '1', byte_size: '4' },
    },
  },
  {
    name: 'unregisterCudaSharedMemory',
    act: (triton) => triton.unregisterCudaSharedMemory('a', CALL),
    result: undefined,
    http: { request: 'POST /v2/cudasharedmemory/region/a/unregister', body: undefined },
    grpc: { rpc: 'CudaSharedMemoryUnregister', request: { name: 'a' } },
  },
];

describe.each(CASES)('$name', ({ act, result, http, grpc }) => {
  it('speaks HTTP', async () => {
    const { answer, ...expected } = http;
    const { administration, asked } = await overHttp({ body: answer });
    expect(await act(administration)).toEqual(result);
    expect(asked).toEqual([expected]);
  });

  it('speaks gRPC', async () => {
    const { message = {}, ...expected } = grpc;
    const { administration, asked } = await overGrpc({ message });
    expect(await act(administration)).toEqual(result);
    expect(asked).toEqual([expected]);
  });
});

describe('modelConfig', () => {
  const expected = {
    name: 'faces',
    max_batch_size: 4,
    input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [-1, 3] }],
    dynamic_batching: { priority_queue_policy: { 2: { max_queue_size: 3 }, 256: { max_queue_size: 5 } } },
    model_warmup: [{ inputs: { x: { dims: [7] } } }],
  };

  it('reads the JSON of Triton', async () => {
    const { administration, asked } = await overHttp({ body: expected });
    expect(await administration.modelConfig('faces', CALL)).toEqual(expected);
    expect(asked).toEqual([{ request: 'GET /v2/models/faces/config', body: undefined }]);
  });

  it('makes the same of the message, with what is not set as Triton writes it', async () => {
    const { administration, asked } = await overGrpc({ message: { config: expected } });
    const config = await administration.modelConfig({ model: 'faces', version: '1' }, CALL);
    expect(asked).toEqual([{ rpc: 'ModelConfig', request: { name: 'faces', version: '1' } }]);
    expect(config).toMatchObject({ ...expected, runtime: '', output: [], parameters: {} });
    expect(config.input?.[0]).toMatchObject({ format: 'FORMAT_NONE', optional: false });
    expect(config).not.toHaveProperty('sequence_batching');
    expect(config).not.toHaveProperty('response_cache');
  });
});

describe('readiness', () => {
  const CHECKS: readonly (readonly [string, Act])[] = [
    ['isServerLive', (triton) => triton.isServerLive(CALL)],
    ['isServerReady', (triton) => triton.isServerReady(CALL)],
    ['isModelReady', (triton) => triton.isModelReady('faces', CALL)],
  ];

  it.each(CHECKS)('%s is false when the server says so', async (_, act) => {
    const overTriton = await overHttp({ status: 400, body: { error: 'Model version not ready' } });
    expect(await act(overTriton.administration)).toBe(false);
    const { administration } = await overGrpc({ message: {} });
    expect(await act(administration)).toBe(false);
  });

  it.each([
    [404, status.NOT_FOUND],
    [503, status.UNAVAILABLE],
  ])('is false by the status %i of other servers, and by its like over gRPC', async (httpStatus, code) => {
    const http = await overHttp({ status: httpStatus });
    const grpc = await overGrpc({ code, details: 'not now' });
    expect(await http.administration.isModelReady('faces', CALL)).toBe(false);
    expect(await grpc.administration.isModelReady('faces', CALL)).toBe(false);
  });

  it('is an error when the server refuses to say', async () => {
    const http = await overHttp({ status: 401, body: { error: 'who are you?' } });
    const grpc = await overGrpc({ code: status.UNAUTHENTICATED, details: 'who are you?' });
    const expected = { code: 'upstream_error', upstream: { status: 'UNAUTHENTICATED', text: 'who are you?' } };
    expect(await serviceErrorOf(http.administration.isServerReady(CALL))).toMatchObject(expected);
    expect(await serviceErrorOf(grpc.administration.isServerReady(CALL))).toMatchObject(expected);
  });

  it('is an error when there is no server', async () => {
    for (const { administration } of await overBoth()) {
      await Promise.all(closes.splice(0).map((close) => close()));
      expect(await serviceErrorOf(administration.isServerLive(CALL))).toMatchObject({ code: 'unavailable' });
    }
  });
});

describe('errors of the server', () => {
  const text = "failed to load 'faces', no such model";
  const message = expect.stringMatching(/^The predictor answered with an error for model faces: failed to load/);

  it('keeps what it says over HTTP', async () => {
    const { administration } = await overHttp({ status: 500, body: { error: text } });
    const error = await serviceErrorOf(administration.loadModel({ model: 'faces' }, CALL));
    const upstream = { status: 'INTERNAL', httpStatus: 500, text };
    expect(error).toMatchObject({ code: 'upstream_error', upstream, message });
  });

  it('keeps what it says over gRPC', async () => {
    const { administration } = await overGrpc({ code: status.INTERNAL, details: text });
    const error = await serviceErrorOf(administration.loadModel({ model: 'faces' }, CALL));
    expect(error).toMatchObject({ code: 'upstream_error', upstream: { status: 'INTERNAL', text }, message });
  });
});

describe('answers that are none', () => {
  const invalid = (problem: RegExp) => ({
    code: 'upstream_error',
    message: expect.stringMatching(problem),
    upstream: undefined,
  });

  it.each<readonly [string, Act, HttpReply, RegExp]>([
    ['no JSON', (triton) => triton.serverMetadata(CALL), { body: '<html>' }, /for its metadata is not valid: .*JSON/],
    ['no name', (triton) => triton.modelMetadata('faces', CALL), { body: {} }, /for model faces is not valid: name: /],
    [
      'a shape of words',
      (triton) => triton.modelMetadata('faces', CALL),
      { body: { name: 'faces', inputs: [{ name: 'x', datatype: 'FP32', shape: ['many'] }] } },
      /inputs\.0\.shape\.0: /,
    ],
    [
      'a negative batch size',
      (triton) => triton.modelConfig('faces', CALL),
      { body: { max_batch_size: -1 } },
      /max_batch_size: /,
    ],
    [
      'no list of models',
      (triton) => triton.repositoryIndex({}, CALL),
      { body: {} },
      /for its model repository is not/,
    ],
    [
      'counts that are no numbers',
      (triton) => triton.statistics(undefined, CALL),
      { body: { model_stats: [{ name: 'faces', version: '1', last_inference: 'never' }] } },
      /for its statistics is not valid: model_stats\.0\.last_inference: /,
    ],
    [
      'a nested trace setting',
      (triton) => triton.traceSettings(undefined, CALL),
      { body: { trace_rate: {} } },
      /for its trace settings is not valid: trace_rate: /,
    ],
    ['a log setting of null', (triton) => triton.logSettings(CALL), { body: { log_info: null } }, /log_info: /],
    [
      'a region without a size',
      (triton) => triton.systemSharedMemory('faces', CALL),
      { body: [{ name: 'faces', key: '/faces', offset: 0 }] },
      /for system shared-memory region faces is not valid: 0\.byte_size: /,
    ],
    [
      'a region without a device',
      (triton) => triton.cudaSharedMemory(undefined, CALL),
      { body: [{ name: 'faces', byte_size: 4 }] },
      /for its cuda shared memory is not valid: 0\.device_id: /,
    ],
  ])('refuses %s', async (_, act, reply, problem) => {
    const { administration } = await overHttp(reply);
    expect(await serviceErrorOf(act(administration))).toMatchObject(invalid(problem));
  });

  it('refuses a gRPC answer without a configuration', async () => {
    const { administration } = await overGrpc({ message: {} });
    const error = await serviceErrorOf(administration.modelConfig('faces', CALL));
    expect(error).toMatchObject(invalid(/for model faces is not valid: .*object/));
  });
});

describe('requests that are refused before they are sent', () => {
  const REGION = { name: 'a', key: '/a', byteSize: 4 };
  const CUDA_REGION = { name: 'a', rawHandle: RAW_HANDLE, deviceId: 0, byteSize: 4 };

  it.each<readonly [string, Act]>([
    ['model must not be empty', (triton) => triton.isModelReady('', CALL)],
    ['model must not be empty', (triton) => triton.modelConfig({ model: '' }, CALL)],
    ['model must not be empty', (triton) => triton.statistics('', CALL)],
    ['model must not be empty', (triton) => triton.traceSettings('', CALL)],
    ['model must not be empty', (triton) => triton.loadModel({ model: '' }, CALL)],
    ['model must not be empty', (triton) => triton.unloadModel({ model: '' }, CALL)],
    ['repository must not be empty', (triton) => triton.repositoryIndex({ repository: '' }, CALL)],
    [
      'version must be digits, such as "2"; received "../1"',
      (triton) => triton.modelMetadata({ model: 'faces', version: '../1' }, CALL),
    ],
    [
      'version must be digits, such as "2"; received "-1"',
      (triton) => triton.isModelReady({ model: 'faces', version: '-1' }, CALL),
    ],
    [
      'config must hold what JSON can: no bigint, and nothing that holds itself',
      (triton) => triton.loadModel({ model: 'faces', config: { max_batch_size: 1n as never } }, CALL),
    ],
    [
      'files must come together with config',
      (triton) => triton.loadModel({ model: 'faces', files: { '1/model.py': Uint8Array.of(1) } }, CALL),
    ],
    [
      'settings.trace_level must be at least one text, or null to take it back; received 0',
      (triton) => triton.updateTraceSettings({ settings: { trace_level: [] } }, CALL),
    ],
    [
      'settings.trace_rate must be one text, or null to take it back; received 2',
      (triton) => triton.updateTraceSettings({ settings: { trace_rate: ['1', '2'] } }, CALL),
    ],
    [
      'log_verbose_level must be an integer from 0 to 4294967295; received -1',
      (triton) => triton.updateLogSettings({ log_verbose_level: -1 }, CALL),
    ],
    [
      'log_verbose_level must be an integer from 0 to 4294967295; received 1.5',
      (triton) => triton.updateLogSettings({ log_verbose_level: 1.5 }, CALL),
    ],
    ['name must not be empty', (triton) => triton.unregisterSystemSharedMemory('', CALL)],
    ['name must not be empty', (triton) => triton.unregisterCudaSharedMemory('', CALL)],
    ['name must not be empty', (triton) => triton.registerSystemSharedMemory({ ...REGION, name: '' }, CALL)],
    ['key must not be empty', (triton) => triton.registerSystemSharedMemory({ ...REGION, key: '' }, CALL)],
    [
      "key must not begin with triton_python_backend_shm_region_, which is Triton's own; received /triton_python_backend_shm_region_1",
      (triton) => triton.registerSystemSharedMemory({ ...REGION, key: '/triton_python_backend_shm_region_1' }, CALL),
    ],
    [
      'byteSize must be an unsigned 64-bit integer; received -4',
      (triton) => triton.registerSystemSharedMemory({ ...REGION, byteSize: -4 }, CALL),
    ],
    [
      'offset must be an unsigned 64-bit integer; received 0.5',
      (triton) => triton.registerSystemSharedMemory({ ...REGION, offset: 0.5 }, CALL),
    ],
    [
      'rawHandle must be the 64 bytes of a cudaIpcMemHandle_t; received 3',
      (triton) => triton.registerCudaSharedMemory({ ...CUDA_REGION, rawHandle: Uint8Array.of(1, 2, 3) }, CALL),
    ],
    [
      'deviceId must be an unsigned 64-bit integer; received -1',
      (triton) => triton.registerCudaSharedMemory({ ...CUDA_REGION, deviceId: -1 }, CALL),
    ],
  ])('%s', async (message, act) => {
    for (const { administration, asked } of await overBoth()) {
      expect(await serviceErrorOf(act(administration))).toMatchObject({ code: 'invalid_argument', message });
      expect(asked).toEqual([]);
    }
  });
});
