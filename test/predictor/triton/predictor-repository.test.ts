import { status } from '@grpc/grpc-js';
import type { RepositoryCalls } from '../../../src/predictor/predictor.js';
import { parsePredictorAddress } from '../../../src/predictor/triton/address.js';
import { createTritonPredictor } from '../../../src/predictor/triton/triton-predictor.js';
import { startRecordingGrpc, startRecordingHttp } from '../../helpers/recording-triton.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { PROTOCOLS, type Protocol, recordingLogger } from './triton-setup.js';

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** What each protocol's server answers. */
interface Replies {
  readonly http?: Parameters<typeof startRecordingHttp>[0];
  readonly grpc?: Parameters<typeof startRecordingGrpc>[0];
}

/** The repository of a predictor, and what its server was asked. */
async function repositoryOver(protocol: Protocol, { http = {}, grpc = { message: {} } }: Replies = {}) {
  const server = await (protocol === 'http' ? startRecordingHttp(http) : startRecordingGrpc(grpc));
  const { logger } = recordingLogger();
  const options = { concurrency: 1, requestTimeoutMs: 10_000, logger };
  const predictor = await createTritonPredictor(
    parsePredictorAddress(`${protocol}://127.0.0.1:${server.port}`),
    options,
  );
  ends.push(
    () => server.close(),
    () => predictor.close(),
  );
  if (predictor.repository === undefined) throw new Error('there is no repository');
  return { repository: predictor.repository, asked: server.asked };
}

const CONFIG = { backend: 'python', max_batch_size: 4 };
const FILE = Uint8Array.of(0, 250, 251, 252);

describe.each(PROTOCOLS)('the repository of a Triton over %s', (protocol) => {
  it('lists its models', async () => {
    const models = [
      { name: 'faces', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' },
      { name: 'plates', version: '', state: '', reason: '' },
    ];
    const replies = { http: { body: models }, grpc: { message: { models } } };
    const { repository, asked } = await repositoryOver(protocol, replies);
    expect(await repository.index({ ready: true })).toEqual(models);
    expect(await repository.index({})).toEqual(models);
    const requests = {
      http: [true, false].map((ready) => ({ request: 'POST /v2/repository/index', body: { ready } })),
      grpc: [true, false].map((ready) => ({ rpc: 'RepositoryIndex', request: { repository_name: '', ready } })),
    };
    expect(asked).toEqual(requests[protocol]);
  });

  it('loads a model as it is, and with a configuration and files of its own', async () => {
    const { repository, asked } = await repositoryOver(protocol);
    await repository.load({ model: 'faces' });
    await repository.load({
      model: 'faces',
      parameters: {
        config: JSON.stringify(CONFIG),
        'file:1/a.py': FILE,
        'file:1/b.py': Buffer.from(FILE).toString('base64'),
      },
    });
    const b64 = Buffer.from(FILE).toString('base64');
    const bytes_param = Buffer.from(FILE);
    const requests = {
      http: [
        { request: 'POST /v2/repository/models/faces/load', body: { parameters: {} } },
        {
          request: 'POST /v2/repository/models/faces/load',
          body: { parameters: { config: JSON.stringify(CONFIG), 'file:1/a.py': b64, 'file:1/b.py': b64 } },
        },
      ],
      grpc: [
        { rpc: 'RepositoryModelLoad', request: { repository_name: '', model_name: 'faces' } },
        {
          rpc: 'RepositoryModelLoad',
          request: {
            repository_name: '',
            model_name: 'faces',
            parameters: {
              config: { string_param: JSON.stringify(CONFIG) },
              'file:1/a.py': { bytes_param },
              'file:1/b.py': { bytes_param },
            },
          },
        },
      ],
    };
    expect(asked).toEqual(requests[protocol]);
  });

  it.each([undefined, true])('unloads a model, with unload_dependents %s', async (dependents) => {
    const { repository, asked } = await repositoryOver(protocol);
    const parameters = dependents === undefined ? {} : { parameters: { unload_dependents: dependents } };
    await repository.unload({ model: 'faces', ...parameters });
    const unload_dependents = dependents ?? false;
    const requests = {
      http: { request: 'POST /v2/repository/models/faces/unload', body: { parameters: { unload_dependents } } },
      grpc: {
        rpc: 'RepositoryModelUnload',
        request: {
          repository_name: '',
          model_name: 'faces',
          parameters: { unload_dependents: { bool_param: unload_dependents } },
        },
      },
    };
    expect(asked).toEqual([requests[protocol]]);
  });

  it("gives the server's own words when it refuses", async () => {
    const text = "failed to load 'faces', no such model in /models";
    const replies = {
      http: { status: 400, body: { error: text } },
      grpc: { code: status.INVALID_ARGUMENT, details: text },
    };
    const { repository } = await repositoryOver(protocol, replies);
    const error = await serviceErrorOf(repository.load({ model: 'faces' }));
    expect(error).toMatchObject({ code: 'upstream_error', upstream: { status: 'INVALID_ARGUMENT', text } });
    expect(error.message).not.toContain('/models');
  });

  it.each<[string, (repository: RepositoryCalls) => Promise<void>]>([
    [
      'parameters.config must be a JSON object as text; received "{"',
      (repository) => repository.load({ model: 'm', parameters: { config: '{' } }),
    ],
    [
      'parameters.config must be a JSON object as text; received "[]"',
      (repository) => repository.load({ model: 'm', parameters: { config: '[]' } }),
    ],
    [
      'parameters.config must be a JSON object as text; received number',
      (repository) => repository.load({ model: 'm', parameters: { config: 4 } }),
    ],
    [
      "parameters.file:1/a.py must be a file's bytes, in JSON as base64; received string",
      (repository) => repository.load({ model: 'm', parameters: { config: '{}', 'file:1/a.py': 'abc' } }),
    ],
    [
      "parameters.file:1/a.py must be a file's bytes, in JSON as base64; received string",
      (repository) => repository.load({ model: 'm', parameters: { config: '{}', 'file:1/a.py': 'a-_=' } }),
    ],
    [
      'parameters: "cnfig" is not known; there are config and file:<version>/<name>',
      (repository) => repository.load({ model: 'm', parameters: { cnfig: '{}' } }),
    ],
    [
      'files must come together with config',
      (repository) => repository.load({ model: 'm', parameters: { 'file:1/a.py': FILE } }),
    ],
    [
      'parameters.unload_dependents must be true or false; received string',
      (repository) => repository.unload({ model: 'm', parameters: { unload_dependents: 'yes' } }),
    ],
    [
      'parameters: "force" is not known; there are unload_dependents',
      (repository) => repository.unload({ model: 'm', parameters: { force: true } }),
    ],
    ['model must not be empty', (repository) => repository.load({ model: '' })],
  ])('asks nothing when %s', async (message, act) => {
    const { repository, asked } = await repositoryOver(protocol);
    expect(await serviceErrorOf(act(repository))).toMatchObject({ code: 'invalid_argument', message });
    expect(asked).toEqual([]);
  });

  it('takes a file of megabytes', async () => {
    const { repository, asked } = await repositoryOver(protocol);
    const b64 = Buffer.alloc(3 * 1024 * 1024, 'model').toString('base64');
    await repository.load({ model: 'm', parameters: { config: '{}', 'file:1/model.onnx': b64 } });
    expect(JSON.stringify(asked).length).toBeGreaterThan(b64.length);
  });
});
