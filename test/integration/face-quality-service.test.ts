import { multiResponseSchema, type MultiResponse } from 'common-data-type';
import { multiRequest, PREDICT, scoresOf, SIXTEEN_PICTURES } from '../helpers/face-bodies.js';
import { deviationFromGolden, readGoldenPictures } from '../helpers/golden-faces.js';
import { type RunningService, startService } from '../helpers/start-service.js';
import { type Protocol, startOwnTriton, tritonAddress } from './real-triton.js';

/** This build of Triton dies of HTTP bodies of about 4 MB. */
const BODY_LIMIT = ['--predictor_max_body_bytes', '3900000'];

/** How soon the service has to answer again once Triton is back. */
const RECOVERY_LIMIT_MS = 5000;

function startOver(protocol: Protocol, address = tritonAddress(protocol)): Promise<RunningService> {
  const name = protocol === 'http' ? 'v2' : 'grpc-v2';
  return startService(['--predictor_host', address, '--predictor_protocol', name, ...BODY_LIMIT]);
}

async function withService<T>(
  starting: Promise<RunningService>,
  work: (service: RunningService) => Promise<T>,
): Promise<T> {
  const service = await starting;
  try {
    await service.untilReady();
    return await work(service);
  } finally {
    await service.stop();
  }
}

describe.each(['http', 'grpc'] as const)('the face-quality service over a real Triton by %s', (protocol) => {
  const pictures = readGoldenPictures();
  const names = pictures.map(({ name }) => name);
  let responses: MultiResponse['multi_data'];

  beforeAll(async () => {
    const { status, body } = await withService(startOver(protocol), (service) =>
      service.post(PREDICT, multiRequest(names)),
    );
    expect(status).toBe(200);
    responses = multiResponseSchema.parse(body).multi_data;
  });

  it.each(pictures.map((picture, index) => [picture.name, picture, index] as const))(
    'scores %s as the reference',
    (_, picture, index) => {
      const deviation = deviationFromGolden(picture, responses[index] ?? { data: [] });
      expect(deviation.quality).toBeLessThanOrEqual(picture.tolerance.quality);
      expect(deviation.boxPx).toBeLessThanOrEqual(picture.tolerance.boxPx);
      expect(deviation.poseDegrees).toBeLessThanOrEqual(picture.tolerance.poseDegrees);
    },
  );
});

describe('one MultiRequest of 16 pictures', () => {
  it('gets equal scores from embedded models, Triton over HTTP and Triton over gRPC', async () => {
    const request = multiRequest(SIXTEEN_PICTURES);
    const score = (starting: Promise<RunningService>) =>
      withService(starting, async (service) => scoresOf((await service.post(PREDICT, request)).body));
    const embedded = await score(startService(['--predictor_host', 'embedded']));
    expect(embedded).toHaveLength(16);
    for (const protocol of ['http', 'grpc'] as const) {
      const scores = await score(startOver(protocol));
      expect(scores.map((faces) => faces.length)).toEqual(embedded.map((faces) => faces.length));
      scores.flat().forEach((value, index) => {
        expect(Math.abs(value - (embedded.flat()[index] ?? NaN))).toBeLessThanOrEqual(1e-3);
      });
    }
  });

  it('gets equal scores by the simple chain too', async () => {
    const request = multiRequest(SIXTEEN_PICTURES);
    const simple = ['--facequality_chain', 'simple'];
    const score = (flags: readonly string[]) =>
      withService(startService([...simple, ...flags]), async (service) =>
        scoresOf((await service.post(PREDICT, request)).body),
      );
    const embedded = await score([]);
    const remote = await score(['--predictor_host', `grpc://${tritonAddress('grpc')}`]);
    remote.flat().forEach((value, index) => {
      expect(Math.abs(value - (embedded.flat()[index] ?? NaN))).toBeLessThanOrEqual(1e-3);
    });
  });
});

describe.each(['http', 'grpc'] as const)('a Triton that is killed in the midst of requests over %s', (protocol) => {
  it('is answered for with 503 and used again when it is back', async () => {
    const triton = await startOwnTriton({ from: ['triton-models'] });
    const service = await startOver(protocol, triton.address(protocol));
    try {
      await service.untilReady();
      const request = multiRequest(SIXTEEN_PICTURES);
      expect((await service.post(PREDICT, request)).status).toBe(200);

      const underWay = Array.from({ length: 6 }, () => service.post(PREDICT, request));
      await new Promise((resolve) => setTimeout(resolve, 300));
      await triton.kill();
      const answers = await Promise.all(underWay);
      expect(answers.map(({ status }) => status)).toContain(503);
      for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
        expect(status).toBe(503);
        expect(body).toEqual({ error: expect.stringMatching(/^The predictor (cannot be reached|went away)/) });
      }
      expect((await fetch(`${service.url}/v2/health/live`)).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      expect((await fetch(`${service.url}/v2/health/ready`)).status).toBe(503);
      expect((await service.post(PREDICT, request)).status).toBe(503);

      await triton.restart();
      const backAt = Date.now();
      let status = 0;
      while (status !== 200 && Date.now() - backAt < RECOVERY_LIMIT_MS) {
        status = (await service.post(PREDICT, multiRequest(['base_q92.jpg']))).status;
      }
      expect(status).toBe(200);
    } finally {
      await service.stop();
      await triton.close();
    }
  });
});
