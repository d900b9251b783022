import type { MultiResponse } from 'common-data-type';
import { PREDICT, sampleFace } from '../../helpers/face-bodies.js';
import { type Outcomes, runScenarios } from './outcomes.js';
import { expectClose, PICTURE, plainScore, serve, type Serving } from './serve.js';

/** What the script shows of the event that answers one. */
interface Answer {
  readonly contentType: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: unknown;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const STRUCTURED = 'application/cloudevents+json';

function sendEvents(service: Serving): Promise<Outcomes> {
  const picture = sampleFace(PICTURE).toString('base64');
  return runScenarios('cloud_events.py', { url: service.url + PREDICT, picture });
}

describe("events by CloudEvents' own SDK", () => {
  let service: Serving;
  let score: number;
  let outcomes: Outcomes;

  beforeAll(async () => {
    service = await serve();
    score = await plainScore(service);
    outcomes = await sendEvents(service);
  });
  afterAll(() => service.stop());

  const answerOf = (scenario: string) => outcomes.valueOf(scenario) as Answer;

  it.each([
    ['binary', 'application/json'],
    ['binary_of_the_older_version', 'application/json'],
    ['structured', STRUCTURED],
    ['structured_with_extension', STRUCTURED],
  ])('are answered by an event of the same mode: %s', (scenario, contentType) => {
    const answer = answerOf(scenario);
    expect(answer.contentType).toBe(contentType);
    const { predictions } = answer.data as { predictions: { score: number }[][] };
    expectClose(predictions[0]?.[0]?.score, score);
  });

  it.each([
    ['a_picture_as_the_body', 'application/json'],
    ['a_picture_in_the_envelope', STRUCTURED],
  ])('may hold a bare picture: %s', (scenario, contentType) => {
    const answer = answerOf(scenario);
    expect(answer.contentType).toBe(contentType);
    expectClose((answer.data as MultiResponse).multi_data[0]?.data[0]?.score, score);
  });

  it.each(['binary', 'structured'])(
    'are answered by one with attributes of its own, as the SDK has them: %s',
    (scenario) => {
      const { attributes } = answerOf(scenario);
      expect(attributes).toEqual({
        specversion: '1.0',
        id: expect.stringMatching(UUID),
        source: 'io.kserve.inference.facequality',
        type: 'io.kserve.inference.response',
        datacontenttype: 'application/json',
        time: expect.any(String),
      });
      expect(Math.abs(Date.parse(attributes['time'] ?? '') - Date.now())).toBeLessThan(120_000);
    },
  );

  it('are answered in the version that they have', () => {
    expect(answerOf('binary_of_the_older_version').attributes['specversion']).toBe('0.3');
  });

  it.each([
    ['without_a_source', 'The CloudEvent is incomplete: the header ce-source is missing'],
    ['an_envelope_without_an_id', 'The CloudEvent is incomplete: the attribute id is missing'],
    ['an_empty_envelope', 'The CloudEvent has neither data nor data_base64'],
  ])('are refused where something is missing: %s', (scenario, error) => {
    const failure = outcomes.failureOf(scenario);
    expect(failure.status).toBe(400);
    expect(JSON.parse(failure.message)).toEqual({ error });
  });
});

describe('events to a service with names of its own for answers', () => {
  it('are answered by these names, and keep what is not the answer’s own', async () => {
    const service = await serve([], { CE_SOURCE: '/quality', CE_TYPE: 'org.example.scored', CE_MERGE: 'true' });
    try {
      const outcomes = await sendEvents(service);
      for (const scenario of ['binary', 'structured']) {
        const { attributes } = outcomes.valueOf(scenario) as Answer;
        expect(attributes).toMatchObject({ source: '/quality', type: 'org.example.scored', tenant: 'blue' });
        // As KServe's merge does: what the event is about stays what it is about.
        expect(attributes).toMatchObject({ subject: 'door' });
        expect(attributes['id']).not.toBe('event-1');
      }
      const { attributes } = outcomes.valueOf('structured_with_extension') as Answer;
      expect(attributes).toMatchObject({ tenant: 'blue', priority: 'high' });
    } finally {
      await service.stop();
    }
  });
});
