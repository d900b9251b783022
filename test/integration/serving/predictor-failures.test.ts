import { sampleFace } from '../../helpers/face-bodies.js';
import { type OwnTriton, type Protocol, startOwnTriton } from '../real-triton.js';
import { type Failure, runScenarios } from './outcomes.js';
import { PICTURE, serve, servePassthrough, type Serving } from './serve.js';

const PROTOCOLS = ['http', 'grpc'] as const;

/** What each client gets for a failure of the predictor: docs/http-api.md, "Errors". */
const ANSWERS = {
  unavailable: { http: '503', grpc: 'StatusCode.UNAVAILABLE' },
  deadline_exceeded: { http: '504', grpc: 'StatusCode.DEADLINE_EXCEEDED' },
  upstream_error: { http: '502', grpc: 'StatusCode.INTERNAL' },
  not_found: { http: '404', grpc: 'StatusCode.NOT_FOUND' },
} as const;

/** What each client hears of one picture, or of one request to a model that takes two seconds. */
const FAILURES = {
  'one picture': async (service: Serving, protocol: Protocol): Promise<Failure> => {
    const picture = sampleFace(PICTURE).toString('base64');
    const job = { protocol, address: service.address[protocol], model: 'facequality', picture, group: 'one_call' };
    return (await runScenarios('triton_client.py', job)).failureOf('one_picture');
  },
  'one request': async (service: Serving, protocol: Protocol): Promise<Failure> => {
    const job = { protocol, address: service.address[protocol], calls: 'passthrough_one_call' };
    return (await runScenarios('passthrough_client.py', job)).failureOf('busy');
  },
};

describe.each(PROTOCOLS)('a failure of the predictor over %s', (upstream) => {
  let triton: OwnTriton;
  beforeAll(async () => {
    triton = await startOwnTriton({ from: ['test/fixtures/triton-models'] });
  });
  afterAll(() => triton.close());

  /** Each client hears of it by the status of the code, in words that match. */
  const expectFailures = async (
    service: Serving,
    what: keyof typeof FAILURES,
    { code, words }: { code: keyof typeof ANSWERS; words: RegExp },
  ) => {
    for (const protocol of PROTOCOLS) {
      const { status, message } = await FAILURES[what](service, protocol);
      expect({ protocol, status }).toEqual({ protocol, status: ANSWERS[code][protocol] });
      expect(message).toMatch(words);
      // Where the predictor is, is nobody's business.
      expect(message).not.toContain(triton.address(upstream));
    }
  };

  /** Face quality over a model that cannot be meant. */
  const serveFaces = () =>
    serve([
      ...['--predictor_host', `${upstream}://${triton.address(upstream)}`, '--ready_models', 'none'],
      ...['--facequality_chain', 'simple', '--facequality_model', 'copy'],
    ]);

  const serveRequests = (...flags: readonly string[]) =>
    servePassthrough(['request_extensions'], upstream, { address: triton.address(upstream), flags });

  it('is a time limit that is over', async () => {
    const service = await serveRequests('--predictor_request_timeout_seconds', '0.3');
    try {
      // Triton over gRPC keeps the limit, too, and may be the first to say so.
      const words = /300 ms|^Deadline Exceeded$/;
      await expectFailures(service, 'one request', { code: 'deadline_exceeded', words });
    } finally {
      await service.stop();
    }
  });

  it('is a predictor that refuses what the service sends', async () => {
    const service = await serveFaces();
    try {
      await expectFailures(service, 'one picture', { code: 'upstream_error', words: /^The predictor / });
    } finally {
      await service.stop();
    }
  });

  it('is a model that the predictor does not have', async () => {
    const service = await serveRequests('--predictor_model_name', 'no_such_model', '--ready_models', 'none');
    try {
      const words = /^Request for unknown model: 'no_such_model' is not found$/;
      await expectFailures(service, 'one request', { code: 'not_found', words });
    } finally {
      await service.stop();
    }
  });

  it('is a predictor that is gone, to which the service returns', async () => {
    const faces = await serveFaces();
    const requests = await serveRequests();
    try {
      await triton.kill();
      const words = /^The predictor (cannot be reached|went away)/;
      await expectFailures(faces, 'one picture', { code: 'unavailable', words });
      await expectFailures(requests, 'one request', { code: 'unavailable', words });
      await triton.restart();
      await requests.untilReady();
      const inputs = [{ name: 'SCORES_IN', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }];
      expect((await requests.post('/v2/models/request_extensions/infer', { inputs })).status).toBe(200);
    } finally {
      await Promise.all([faces.stop(), requests.stop()]);
    }
  });
});
