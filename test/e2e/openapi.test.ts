import type { OpenApiDocument } from '../../src/server/openapi/open-api-document.js';
import { operationsOf, resolveAnswer, shownJson } from '../helpers/described-models.js';
import { type RunningService, startService } from '../helpers/start-service.js';

describe('the description of the face-quality service', () => {
  let service: RunningService;
  let document: OpenApiDocument;
  beforeAll(async () => {
    service = await startService(['--predictor_host', 'embedded']);
    await service.untilReady();
    document = (await (await fetch(`${service.url}/openapi.json`)).json()) as OpenApiDocument;
  });
  afterAll(async () => {
    await service.stop();
  });

  it('shows answers that the service gives to the requests it shows', async () => {
    const shown = operationsOf(document).flatMap(({ path, operation: { requestBody, responses } }) => {
      const answers = shownJson(resolveAnswer(responses['200'], document));
      return Object.entries(shownJson(requestBody)).map(([name, request]) => ({
        path: path.replace('{version}', '1'),
        request,
        answer: answers[name],
      }));
    });
    expect(shown.map(({ path }) => path)).toEqual([
      ...Array<string>(4).fill('/v1/models/facequality:predict'),
      '/v1/models/facequality:explain',
      '/v2/models/facequality/infer',
      '/v2/models/facequality/versions/1/infer',
    ]);
    for (const { path, request, answer } of shown) {
      expect(await service.post(path, request)).toEqual({ status: 200, body: answer });
    }
  });

  it('shows an event that the service answers', async () => {
    const body = document.paths['/v1/models/facequality:predict']?.post?.requestBody;
    const event = body?.content['application/cloudevents+json']?.examples?.['event']?.value;
    const headers = { 'content-type': 'application/cloudevents+json' };
    expect(await service.post('/v1/models/facequality:predict', event, headers)).toMatchObject({
      status: 200,
      body: { specversion: '1.0', data: { multi_data: [{ data: [{ score: 0 }] }] } },
    });
  });

  it('shows the model’s metadata as they are', async () => {
    const answer = resolveAnswer(document.paths['/v2/models/facequality']?.get?.responses['200'], document);
    const metadata = await fetch(`${service.url}/v2/models/facequality`);
    expect(shownJson(answer)).toEqual({ metadata: await metadata.json() });
  });
});
