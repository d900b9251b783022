import type { MultiResponse } from 'common-data-type';
import { sampleFace } from '../../helpers/face-bodies.js';
import { type Outcomes, runScenarios } from './outcomes.js';
import { expectClose, PICTURE, plainScore, serve, type Serving } from './serve.js';

const MODEL = 'facequality';

/** What the scripts show of an answer of V2. */
interface Answer {
  readonly id: string;
  readonly model_name: string;
  readonly outputs: Readonly<Record<string, { datatype: string; shape: number[]; values: unknown[] }>>;
}

interface Predictions {
  readonly predictions: readonly (readonly { score: number }[])[];
}

let service: Serving;
let score: number;

beforeAll(async () => {
  service = await serve();
  score = await plainScore(service);
});
afterAll(() => service.stop());

function runClient(protocol: 'v1' | 'v2' | 'grpc'): Promise<Outcomes> {
  const address = protocol === 'grpc' ? service.address.grpc : service.url;
  const picture = sampleFace(PICTURE).toString('base64');
  return runScenarios('kserve_client.py', { protocol, address, model: MODEL, picture });
}

describe("KServe's REST client with V1", () => {
  let outcomes: Outcomes;
  beforeAll(async () => {
    outcomes = await runClient('v1');
  });

  it.each(['server_is_live', 'model_is_ready'])('hears that %s', (scenario) => {
    expect(outcomes.valueOf(scenario)).toBe(true);
  });

  it('gets a prediction for each instance, in whichever form it is', () => {
    const { predictions } = outcomes.valueOf('instances') as Predictions;
    expect(predictions).toHaveLength(2);
    for (const prediction of predictions) expectClose(prediction[0]?.score, score);
  });

  it("gets a MultiResponse to the face-quality service's own form", () => {
    const { multi_data: responses } = outcomes.valueOf('multi_request') as MultiResponse;
    expectClose(responses[0]?.data[0]?.score, score);
  });

  it('gets a prediction as the last step of an InferenceGraph', () => {
    const { predictions } = outcomes.valueOf('as_an_inference_graph') as Predictions;
    expectClose(predictions[0]?.[0]?.score, score);
  });

  it('gets an explanation: the share of each component', () => {
    const { explanations } = outcomes.valueOf('explanation') as { explanations: Record<string, number>[][] };
    const shares = Object.values(explanations[0]?.[0] ?? {});
    expect(shares.length).toBeGreaterThan(10);
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(0);
  });

  it('gets its request id back, and JSON by the name that it looks for', () => {
    expect(outcomes.valueOf('with_headers')).toMatchObject({
      'x-request-id': 'of-the-headers',
      'content-type': 'application/json',
    });
  });

  // The client quotes what the service says only where the content type is application/json and nothing more.
  it.each([
    ['unknown_model', 404, 'Model with name "no_such_model" does not exist'],
    ['unknown_model_is_ready', 404, 'Model with name "no_such_model" does not exist'],
    ['unknown_key', 400, 'instances'],
    ['no_list', 400, 'instances'],
    ['no_picture', 422, 'instances[0]'],
  ])('gets an exception that says so: %s', (scenario, status, text) => {
    const failure = outcomes.failureOf(scenario);
    expect(failure).toMatchObject({ type: 'HTTPStatusError', status });
    expect(failure.message).toContain(text);
  });
});

/** What is the same for both clients of V2. */
function describeV2(protocol: 'v2' | 'grpc', facts: V2Facts): void {
  let outcomes: Outcomes;
  beforeAll(async () => {
    outcomes = await runClient(protocol);
  });
  const answerOf = (scenario: string) => outcomes.valueOf(scenario) as Answer;

  it.each(['server_is_live', 'server_is_ready', 'model_is_ready'])('hears that %s', (scenario) => {
    expect(outcomes.valueOf(scenario)).toBe(true);
  });

  it.each(facts.waysToSend)('gets the score: %s', (scenario) => {
    const { model_name, outputs } = answerOf(scenario);
    expect(model_name).toBe(MODEL);
    expect(Object.keys(outputs).sort()).toEqual(['face_quality_score', 'response']);
    expect(outputs['face_quality_score']).toMatchObject({ datatype: 'FP32', shape: [1] });
    expectClose(outputs['face_quality_score']?.values[0], score);
    const response = JSON.parse(String(outputs['response']?.values[0])) as { data: { score: number }[] };
    expectClose(response.data[0]?.score, score);
  });

  it.each(facts.waysWithId)('gets its own id back: %s', (scenario) => {
    expect(answerOf(scenario).id).toBe('first-1');
  });

  it('gets a score per picture', () => {
    const scores = answerOf('two_pictures').outputs['face_quality_score'];
    expect(scores?.shape).toEqual([2]);
    for (const value of scores?.values ?? []) expectClose(value, score);
  });

  it.each(facts.failures)('gets an exception that says so: %s', (scenario, status, text) => {
    const failure = outcomes.failureOf(scenario);
    expect(failure).toMatchObject({ type: facts.exception, status });
    expect(failure.message).toContain(text);
  });

  facts.more(() => outcomes);
}

/** What differs between them. */
interface V2Facts {
  readonly waysToSend: readonly string[];
  readonly waysWithId: readonly string[];
  readonly exception: string;
  readonly failures: readonly (readonly [scenario: string, status: number | string, text: string])[];
  readonly more: (outcomes: () => Outcomes) => void;
}

describe("KServe's REST client with V2", () => {
  describeV2('v2', {
    waysToSend: ['json_request', 'binary_request', 'plain_dict', 'binary_answer', 'chosen_outputs'],
    waysWithId: ['json_request', 'binary_request'],
    exception: 'HTTPStatusError',
    failures: [
      ['unknown_model', 404, 'Model with name "no_such_model" does not exist'],
      ['unknown_output', 400, 'unexpected inference output "no_such_output"'],
      ['wrong_datatype', 400, 'FP32'],
      ['no_picture', 422, 'inputs[0].data[0]'],
    ],
    more: (outcomes) => {
      it('hears of an unknown model that it is not ready', () => {
        expect(outcomes().valueOf('unknown_model_is_ready')).toBe(false);
      });

      it('gets its outputs in the order that it asks for', () => {
        expect(Object.keys((outcomes().valueOf('chosen_outputs') as Answer).outputs)).toEqual([
          'response',
          'face_quality_score',
        ]);
      });

      it('gets its request id back', () => {
        expect(outcomes().valueOf('with_headers')).toMatchObject({ 'x-request-id': 'of-the-headers' });
      });
    },
  });
});

describe("KServe's gRPC client", () => {
  describeV2('grpc', {
    waysToSend: ['contents_of_bytes', 'contents_of_base64', 'raw_contents', 'with_headers'],
    waysWithId: ['contents_of_bytes', 'contents_of_base64', 'raw_contents'],
    exception: 'AioRpcError',
    failures: [
      ['unknown_model', 'NOT_FOUND', 'Model with name "no_such_model" does not exist'],
      ['unknown_model_is_ready', 'NOT_FOUND', 'Model with name "no_such_model" does not exist'],
      ['unknown_output', 'INVALID_ARGUMENT', 'unexpected inference output "no_such_output"'],
      ['wrong_datatype', 'INVALID_ARGUMENT', 'FP32'],
      ['no_picture', 'INVALID_ARGUMENT', 'inputs[0].data[0]'],
    ],
    more: (outcomes) => {
      it('gets the one output that it asks for', () => {
        expect(Object.keys((outcomes().valueOf('chosen_output') as Answer).outputs)).toEqual(['face_quality_score']);
      });

      it('has all of eight calls at once answered, with its policy of retries', () => {
        const ids = Array.from({ length: 8 }, (_, index) => String(index));
        expect(outcomes().valueOf('many_at_once_with_retries')).toEqual(ids);
      });
    },
  });
});
