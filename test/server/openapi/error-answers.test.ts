import { startDeadline } from '../../../src/concurrency/deadline.js';
import { createLimiter } from '../../../src/concurrency/limiter.js';
import { atPath, errorAnswer, grpcStatus, httpStatus, internalError, ServiceError } from '../../../src/errors.js';
import { readHeader } from '../../../src/imaging/header.js';
import { itemBytes } from '../../../src/imaging/source.js';
import { createDataPlane } from '../../../src/server/data-plane.js';
import { type AnsweredCode, ERROR_ANSWERS, errorComponents } from '../../../src/server/openapi/error-answers.js';
import { methodNotAllowed } from '../../../src/server/middleware/error-handler.js';
import { parseV1Request } from '../../../src/server/rest-v1/v1-request.js';
import { noComponents } from '../../../src/transformers/facequality/explain.js';
import { readFloats } from '../../../src/transformers/read-floats.js';
import type { ServedModel } from '../../../src/transformers/served-model.js';
import { float32Tensor } from '../../../src/tensor.js';
import { serveFake } from '../../helpers/served-fake.js';
import { serviceErrorOf, serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const notReady = { ready: false, reason: 'the predictor has not ready: face_eye' };
const model = { name: 'facequality', readiness: { check: () => Promise.resolve(notReady) } } as ServedModel;
const dataPlane = createDataPlane([model], { info: { name: '', version: '', extensions: [] }, readiness: 'all' });
const id = '5f0c8f1e-6a40-4f5e-9d10-8a3c2a1f0b77';
const response = { setHeader: () => undefined } as never;

/** How each message comes about. */
const CAUSES: Partial<Record<AnsweredCode, () => ServiceError | Promise<ServiceError>>> = {
  invalid_argument: () =>
    serviceErrorThrownBy(() => parseV1Request({ images: [] }, { maxItems: 1, speaksMultiData: true })),
  permission_denied: () =>
    atPath(
      'data.item',
      serviceErrorThrownBy(() => itemBytes('https://example.org/face.jpg')),
    ),
  not_found: () => serviceErrorThrownBy(() => dataPlane.model('faces')),
  method_not_allowed: () => methodNotAllowed({ request: { method: 'GET' }, response, methods: ['POST'] }),
  unprocessable: () =>
    atPath(
      'body',
      serviceErrorThrownBy(() => readHeader(Buffer.from([1]), { maxPixels: 1 })),
    ),
  unimplemented: noComponents,
  upstream_error: () => {
    const outputs = new Map([['617', float32Tensor([1, 2], new Float32Array(2))]]);
    return serviceErrorThrownBy(() => readFloats(outputs, { model: 'face_pose', output: '617', shape: [1, 3] }));
  },
  unavailable: () => serviceErrorOf(dataPlane.assertModelReady('facequality')),
  resource_exhausted: async () => {
    const limiter = createLimiter({ capacity: 1, maxQueue: 0, what: 'requests' });
    const place = await limiter.acquire({ weight: 1 });
    const error = await serviceErrorOf(limiter.acquire({ weight: 1 }));
    place.release();
    return error;
  },
  internal: () => new ServiceError('internal', errorAnswer(internalError(new Error('secret')), id).message),
};

describe('ERROR_ANSWERS', () => {
  it.each(Object.entries(CAUSES))('shows a real message of %s', async (code, cause) => {
    const error = await cause();
    expect([error.code, error.message]).toEqual([code, ERROR_ANSWERS[code as AnsweredCode].example]);
  });

  it('shows what a client gets whose time is over', async () => {
    const deadline = startDeadline({ timeoutMs: 1, what: 'The request' });
    await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));
    const { message } = deadline.signal.reason as ServiceError;
    expect(message.replace(' 1 ms', ' 60000 ms')).toBe(ERROR_ANSWERS.deadline_exceeded.example);
  });

  it('shows what a client gets whose body is too large or packed in an unknown way', async () => {
    const served = await serveFake({ maxBodyBytes: 100 });
    const post = async (body: string, headers = {}) => {
      const answer = await fetch(`${served.url}/v1/models/fake:predict`, { method: 'POST', body, headers });
      return ((await answer.json()) as { error: string }).error;
    };
    const tooLarge = await post('x'.repeat(101));
    expect(tooLarge.replace(' 100 ', ' 67108864 ')).toBe(ERROR_ANSWERS.payload_too_large.example);
    const unknown = await post('{}', { 'content-encoding': 'zstd' });
    expect(unknown).toBe(ERROR_ANSWERS.unsupported_media_type.example);
    await served.close();
  });
});

describe('errorComponents()', () => {
  it('gives each code its status in both protocols', () => {
    const components = errorComponents();
    for (const code of Object.keys(ERROR_ANSWERS) as AnsweredCode[]) {
      expect(components[code]).toMatchObject({ 'x-http-status': httpStatus(code), 'x-grpc-status': grpcStatus(code) });
    }
    expect(components['not_found']).toMatchObject({ 'x-http-status': 404, 'x-grpc-status': 'NOT_FOUND' });
  });

  it('names the headers that some errors have', () => {
    const { resource_exhausted, method_not_allowed, not_found } = errorComponents();
    expect(Object.keys(resource_exhausted?.headers ?? {})).toEqual(['x-request-id', 'Retry-After']);
    expect(Object.keys(method_not_allowed?.headers ?? {})).toEqual(['x-request-id', 'Allow']);
    expect(Object.keys(not_found?.headers ?? {})).toEqual(['x-request-id']);
  });
});
