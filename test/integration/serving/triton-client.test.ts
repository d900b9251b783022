import { sampleFace } from '../../helpers/face-bodies.js';
import { type Outcomes, runScenarios } from './outcomes.js';
import { expectClose, PICTURE, plainScore, serve, type Serving } from './serve.js';

const MODEL = 'facequality';
const OUTPUTS = ['face_quality_score', 'response'];

/** What the scripts show of an answer. */
interface Answer {
  readonly id: string;
  readonly outputs: Readonly<Record<string, { datatype: string; shape: number[]; values: unknown[] }>>;
}

/** The status of each code as each client gives it. */
const STATUSES = {
  http: { invalid: '400', notFound: '404', denied: '403', notAPicture: '422', unimplemented: '404' },
  grpc: {
    invalid: 'StatusCode.INVALID_ARGUMENT',
    notFound: 'StatusCode.NOT_FOUND',
    denied: 'StatusCode.PERMISSION_DENIED',
    notAPicture: 'StatusCode.INVALID_ARGUMENT',
    unimplemented: 'StatusCode.UNIMPLEMENTED',
  },
} as const;

function jobFor(service: Serving, protocol: 'http' | 'grpc', group: string) {
  const picture = sampleFace(PICTURE).toString('base64');
  return { protocol, address: service.address[protocol], model: MODEL, picture, group };
}

describe.each(['http', 'grpc'] as const)("Triton's official client for %s", (protocol) => {
  const status = STATUSES[protocol];
  let service: Serving;
  let score: number;
  let outcomes: Outcomes;

  beforeAll(async () => {
    service = await serve();
    score = await plainScore(service);
    outcomes = await runScenarios('triton_client.py', jobFor(service, protocol, 'calls'));
  });
  afterAll(() => service.stop());

  const answerOf = (scenario: string) => outcomes.valueOf(scenario) as Answer;
  /** Both outputs for the one picture, in whatever way they came. */
  const expectTheScore = ({ outputs }: Answer) => {
    expect(Object.keys(outputs)).toEqual(OUTPUTS);
    expect(outputs['face_quality_score']).toMatchObject({ datatype: 'FP32', shape: [1] });
    expect(outputs['response']).toMatchObject({ datatype: 'BYTES', shape: [1] });
    expectClose(outputs['face_quality_score']?.values[0], score);
    expectClose(responsesOf({ outputs })[0]?.data[0]?.score, score);
  };

  describe('asking what there is', () => {
    it.each(['server_is_live', 'server_is_ready', 'model_is_ready', 'version_is_ready'])(
      'hears that %s',
      (scenario) => {
        expect(outcomes.valueOf(scenario)).toBe(true);
      },
    );

    it('hears the name of the server and its extensions', () => {
      expect(outcomes.valueOf('server_metadata')).toMatchObject({
        name: 'kserve-transformer',
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        extensions: expect.arrayContaining(['binary_tensor_data']),
      });
    });

    it("hears the model's tensors", () => {
      // Protocol Buffers' JSON has 64-bit integers as texts.
      const anyNumber = protocol === 'http' ? -1 : '-1';
      expect(outcomes.valueOf('model_metadata')).toMatchObject({
        name: MODEL,
        versions: ['1'],
        inputs: [{ name: 'image', datatype: 'BYTES', shape: [anyNumber] }],
        outputs: [
          { name: 'face_quality_score', datatype: 'FP32', shape: [anyNumber] },
          { name: 'response', datatype: 'BYTES', shape: [anyNumber] },
        ],
      });
    });

    it('hears of an unknown model that there is none', () => {
      const { message, ...failure } = outcomes.failureOf('metadata_of_unknown_model');
      expect(failure).toEqual({ type: 'InferenceServerException', status: status.notFound });
      expect(message).toContain('Model with name "no_such_model" does not exist');
    });
  });

  describe('sending pictures', () => {
    it.each([
      'one_picture',
      'without_an_id',
      'the_version',
      'input_of_another_name',
      'with_every_parameter',
      'with_headers',
      'gzip_request',
      'deflate_request',
    ])('gets the score: %s', (scenario) => {
      expectTheScore(answerOf(scenario));
    });

    it('gets its own id back', () => {
      expect(answerOf('one_picture')).toMatchObject({ id: 'first-1', model_name: MODEL, model_version: '1' });
    });

    it("gets the HTTP request's id where it has none of its own, as KServe's clients expect; over gRPC none", () => {
      expect(answerOf('with_headers').id).toBe(protocol === 'http' ? 'of-the-headers' : '');
    });

    it('gets one result per picture in order, the error of a bad one in its place', () => {
      const answer = answerOf('three_pictures');
      const scores = answer.outputs['face_quality_score'];
      expect(scores?.shape).toEqual([3]);
      [score, 0, score].forEach((expected, index) => expectClose(scores?.values[index], expected));
      const [, bad, last] = responsesOf(answer);
      expect(bad).toEqual({
        data: [],
        extra_info: { error: { code: 'unprocessable', message: expect.stringContaining('not a picture') } },
      });
      expectClose(last?.data[0]?.score, score);
    });

    it('gets nothing for nothing', () => {
      const { outputs } = answerOf('no_pictures');
      for (const output of OUTPUTS) expect(outputs[output]).toMatchObject({ shape: [0], values: [] });
    });

    it('gets the outputs it asks for, in its order', () => {
      expect(Object.keys(answerOf('one_output').outputs)).toEqual(['face_quality_score']);
      expect(Object.keys(answerOf('outputs_in_another_order').outputs)).toEqual(['response', 'face_quality_score']);
    });
  });

  describe('sending what is wrong', () => {
    it.each([
      ['unknown_model', status.notFound, 'Model with name "no_such_model" does not exist'],
      ['unknown_version', status.notFound, `Model with name "${MODEL}" has no version 7`],
      ['second_input', status.invalid, 'received the input "picture" beside it'],
      ['unknown_output', status.invalid, 'unexpected inference output "no_such_output"'],
      ['wrong_datatype', status.invalid, 'FP32'],
      ['wrong_shape', status.invalid, 'image'],
      ['no_picture', status.notAPicture, 'not a picture of an accepted format'],
      ['repository_without_leave', status.denied, 'the service runs without --enable_admin'],
      ['unload_without_leave', status.denied, 'the service runs without --enable_admin'],
    ])('gets an exception that says so: %s', (scenario, expectedStatus, text) => {
      const { type, status, message } = outcomes.failureOf(scenario);
      expect({ type, status }).toEqual({ type: 'InferenceServerException', status: expectedStatus });
      expect(message).toContain(text);
    });

    it('hears of an extension that there is not', () => {
      expect(outcomes.failureOf('statistics')).toMatchObject({
        type: 'InferenceServerException',
        status: status.unimplemented,
      });
    });
  });

  it('has all of ten calls at once answered, each to its own caller', () => {
    const answers = outcomes.valueOf('ten_at_once') as (string | Answer)[];
    const ids = answers.map((answer) => (typeof answer === 'string' ? answer : answer.id));
    expect(ids.sort()).toEqual(Array.from({ length: 10 }, (_, index) => `number-${index}`));
  });

  if (protocol === 'http') describe('over HTTP alone', describeHttp);
  else describe('over gRPC alone', describeGrpc);

  function describeHttp() {
    it.each([
      ['json_in_json_out', { face_quality_score: false, response: false }],
      ['json_in_binary_out', { face_quality_score: true, response: true }],
      ['binary_in_json_out', { face_quality_score: false, response: false }],
      ['one_output_binary_one_json', { face_quality_score: true, response: false }],
    ])('gets each output in the form it asks for: %s', (scenario, binary) => {
      const answer = answerOf(scenario);
      expectTheScore(answer);
      expect(answer).toMatchObject({ binary });
    });

    it.each(['gzip_json_request', 'gzip_answer', 'deflate_answer'])('gets the score: %s', (scenario) => {
      expectTheScore(answerOf(scenario));
    });

    it('reads an answer that another HTTP library has fetched', () => {
      expectClose((outcomes.valueOf('body_by_hand') as number[])[0], score);
    });

    it('hears of an unknown model that it is not ready', () => {
      expect(outcomes.valueOf('unknown_model_is_ready')).toBe(false);
    });
  }

  function describeGrpc() {
    it('gets the score within its time limit', () => {
      expectTheScore(answerOf('within_a_time_limit'));
    });

    it('gets one answer per message of a stream, which outlives a bad one', () => {
      const answers = outcomes.valueOf('a_stream') as (Answer | { message: string })[];
      const texts = answers.map((answer) => ('message' in answer ? answer.message : answer.id)).sort();
      expect(texts).toEqual([
        expect.stringContaining('Model with name "no_such_model" does not exist'),
        'message-0',
        'message-2',
      ]);
      for (const answer of answers) if ('outputs' in answer) expectTheScore(answer);
    });

    it('may compress a stream', () => {
      expectTheScore((outcomes.valueOf('a_compressed_stream') as [Answer])[0]);
    });

    it('hears of an unknown model that there is none', () => {
      expect(outcomes.failureOf('unknown_model_is_ready').status).toBe(status.notFound);
    });
  }
});

describe.each(['http', 'grpc'] as const)("the model repository by Triton's official client for %s", (protocol) => {
  const status = STATUSES[protocol];
  let service: Serving;
  let outcomes: Outcomes;

  beforeAll(async () => {
    service = await serve(['--enable_admin']);
    outcomes = await runScenarios('triton_client.py', jobFor(service, protocol, 'repository'));
  });
  afterAll(() => service.stop());

  it('is listed', () => {
    expect(outcomes.valueOf('index_of_loaded')).toEqual([expect.objectContaining({ name: MODEL, state: 'READY' })]);
  });

  it('has a model that can be unloaded, and is not called then', () => {
    expect(outcomes.valueOf('unloading')).toEqual([
      expect.objectContaining({ name: MODEL, state: 'UNAVAILABLE', reason: 'unloaded' }),
    ]);
    expect(outcomes.failureOf('call_of_unloaded')).toMatchObject({
      status: status.notFound,
      message: `Model with name "${MODEL}" is unloaded`,
    });
    if (protocol === 'http') expect(outcomes.valueOf('unloaded_is_ready')).toBe(false);
    else expect(outcomes.failureOf('unloaded_is_ready').status).toBe(status.notFound);
  });

  it('has a model that can be loaded again, and answers then', () => {
    expect(outcomes.valueOf('loading')).toEqual([expect.objectContaining({ name: MODEL, state: 'READY' })]);
    expect(Object.keys((outcomes.valueOf('call_of_loaded_again') as Answer).outputs)).toEqual(OUTPUTS);
  });

  it.each(['unloading_of_unknown', 'loading_of_unknown'])('has no model of an unknown name: %s', (scenario) => {
    const { status: received, message } = outcomes.failureOf(scenario);
    expect(received).toBe(status.notFound);
    expect(message).toContain('Model with name "no_such_model" does not exist');
  });
});

function responsesOf({ outputs }: Pick<Answer, 'outputs'>) {
  return (outputs['response']?.values ?? []).map(
    (text) => JSON.parse(String(text)) as { data: { score: number }[]; extra_info?: unknown },
  );
}
