import { setImmediate as nextTurn } from 'node:timers/promises';
import { ServiceError } from '../../../src/errors.js';
import { startModelThread, type ModelThread } from '../../../src/predictor/embedded/model-thread.js';
import { float32Tensor } from '../../../src/tensor.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { FACE_MODELS, WORKER_ENTRY } from './embedded-setup.js';

const SIZE = 8 * 3 * 224 * 224;

describe('startModelThread()', () => {
  let thread: ModelThread;
  beforeAll(async () => {
    thread = await startModelThread({ entry: WORKER_ENTRY, settings: { repository: FACE_MODELS, threads: 1 } });
    await thread.load('face_pose');
  });
  afterAll(() => thread.close());

  const run = (signal: AbortSignal) => {
    const inputs = new Map([['input', float32Tensor([8, 3, 224, 224], new Float32Array(SIZE))]]);
    return thread.run({ model: 'face_pose', inputs, outputs: ['617'] }, signal);
  };

  it('refuses to load what the repository has not, and to run what is not loaded', async () => {
    expect(await serviceErrorOf(thread.load('nowhere'))).toMatchObject({
      code: 'not_found',
      message: 'model nowhere is not in the repository',
    });
    const call = { model: 'face_eye', inputs: new Map(), outputs: [] };
    expect(await serviceErrorOf(thread.run(call, new AbortController().signal))).toMatchObject({
      code: 'unavailable',
      message: 'model face_eye is not loaded',
    });
  });

  it('skips a call that was given up before it began, and only that', async () => {
    const controller = new AbortController();
    const reason = new ServiceError('deadline_exceeded', 'too late');
    const [first, second, third] = [
      run(new AbortController().signal),
      run(controller.signal),
      run(new AbortController().signal),
    ];
    controller.abort(reason);
    expect(await serviceErrorOf(second)).toBe(reason);
    expect((await first).get('617')?.shape).toEqual([8, 66]);
    expect((await third).get('617')?.shape).toEqual([8, 66]);
  });

  it('lets the event loop go on while a model runs', async () => {
    const answered = run(new AbortController().signal).then(() => true);
    let turns = 0;
    while (!(await Promise.race([answered, nextTurn(false)]))) turns++;
    expect(turns).toBeGreaterThan(3);
  });

  it('fails its calls when it is closed, and ends', async () => {
    const closing = await startModelThread({ entry: WORKER_ENTRY, settings: { repository: FACE_MODELS, threads: 1 } });
    await closing.load('face_pose');
    const inputs = new Map([['input', float32Tensor([8, 3, 224, 224], new Float32Array(SIZE))]]);
    const error = serviceErrorOf(
      closing.run({ model: 'face_pose', inputs, outputs: ['617'] }, new AbortController().signal),
    );
    await closing.close();
    expect(await error).toMatchObject({ code: 'unavailable', message: 'The predictor is closed' });
    expect(await closing.ended).toBeUndefined();
  });
});
