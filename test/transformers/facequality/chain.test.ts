import { ServiceError } from '../../../src/errors.js';
import { createChainChoice } from '../../../src/transformers/facequality/chain.js';

const FULL = ['face_detect', 'face_landmark', 'face_pose', 'face_eye', 'face_liveness', 'face_embedding'];
const SIGNAL = new AbortController().signal;

/** A choice over a predictor whose ready models the test sets, and what was logged. */
function choiceOver(options: { chain?: 'auto' | 'full' | 'simple'; model?: string }, ready: readonly string[]) {
  const state = {
    ready,
    isServerReady: true as boolean | Promise<boolean>,
    asked: [] as string[],
    log: [] as unknown[],
  };
  const predictor = {
    isModelReady: (model: string) => {
      state.asked.push(model);
      return Promise.resolve(state.ready.includes(model));
    },
    isServerReady: () => Promise.resolve(state.isServerReady),
  };
  const logger = { info: (entry: unknown) => void state.log.push(entry) };
  const { chain = 'auto', model = 'face_quality' } = options;
  const choice = createChainChoice({ predictor, logger }, { facequality_chain: chain, facequality_model: model });
  return { choice, state };
}

describe('createChainChoice()', () => {
  it.each([
    { chain: 'auto', ready: [...FULL, 'face_quality'], decided: { name: 'full' } },
    { chain: 'auto', ready: FULL, decided: { name: 'full' } },
    { chain: 'auto', ready: ['face_quality', ...FULL.slice(1)], decided: { name: 'simple', model: 'face_quality' } },
    { chain: 'auto', ready: ['face_quality_trt_fp16'], decided: { name: 'simple', model: 'face_quality_trt_fp16' } },
    { chain: 'full', ready: [...FULL, 'face_quality'], decided: { name: 'full' } },
    { chain: 'simple', ready: [...FULL, 'face_quality'], decided: { name: 'simple', model: 'face_quality' } },
    {
      chain: 'simple',
      ready: ['face_quality_trt_fp16', 'face_quality'],
      decided: { name: 'simple', model: 'face_quality' },
    },
  ] as const)('$chain with $ready ready decides $decided', async ({ chain, ready, decided }) => {
    const { choice, state } = choiceOver({ chain }, ready);
    expect(await choice.decide(SIGNAL)).toEqual([]);
    expect(choice.current()).toEqual(decided);
    expect(state.log).toMatchObject([{ chain: decided, before: undefined }]);
  });

  it('takes the name of the simple model from the option, and asks for no model twice', async () => {
    const { choice, state } = choiceOver({ chain: 'simple', model: 'face_quality_trt_fp16' }, [
      'face_quality_trt_fp16',
    ]);
    await choice.decide(SIGNAL);
    expect(choice.current()).toEqual({ name: 'simple', model: 'face_quality_trt_fp16' });
    expect(state.asked).toEqual(['face_quality_trt_fp16']);
  });

  it.each([
    { chain: 'auto', ready: ['face_pose'], missing: [...FULL.filter((name) => name !== 'face_pose'), 'face_quality', 'face_quality_trt_fp16'] }, // prettier-ignore
    { chain: 'full', ready: ['face_quality', ...FULL.slice(2)], missing: ['face_detect', 'face_landmark'] },
    { chain: 'simple', ready: FULL, missing: ['face_quality', 'face_quality_trt_fp16'] },
  ] as const)('$chain with $ready ready names what is missing', async ({ chain, ready, missing }) => {
    const { choice } = choiceOver({ chain }, ready);
    expect(await choice.decide(SIGNAL)).toEqual(missing);
    expect(() => choice.current()).toThrow(
      new ServiceError('unavailable', `Not ready: the predictor has no ${missing.join(', ')}`),
    );
  });

  it('names all its models before it was asked to decide', () => {
    const { choice, state } = choiceOver({ chain: 'full' }, FULL);
    expect(() => choice.current()).toThrow(`Not ready: the predictor has no ${FULL.join(', ')}`);
    expect(state.asked).toEqual([]);
  });

  it('asks for the simple models only where the full chain is not ready', async () => {
    const { choice, state } = choiceOver({}, [...FULL, 'face_quality']);
    await choice.decide(SIGNAL);
    expect(state.asked).toEqual(FULL);
  });

  it('logs a decision when it changes, and only then', async () => {
    const { choice, state } = choiceOver({}, ['face_quality']);
    await choice.decide(SIGNAL);
    await choice.decide(SIGNAL);
    state.ready = [...FULL, 'face_quality'];
    await choice.decide(SIGNAL);
    await choice.decide(SIGNAL);
    const simple = { name: 'simple', model: 'face_quality' };
    expect(state.log).toEqual([
      { chain: simple, before: undefined, notReady: [...FULL, 'face_quality_trt_fp16'] },
      { chain: { name: 'full' }, before: simple, notReady: [] },
    ]);
  });

  it.each(['auto', 'full'] as const)(
    'stays with full under %s, and names its models that are not ready',
    async (chain) => {
      const { choice, state } = choiceOver({ chain }, [...FULL, 'face_quality']);
      await choice.decide(SIGNAL);
      state.ready = [...FULL.filter((name) => name !== 'face_pose'), 'face_quality'];
      expect(await choice.decide(SIGNAL)).toEqual(['face_pose']);
      expect(choice.current()).toEqual({ name: 'full' });
      state.ready = FULL;
      expect(await choice.decide(SIGNAL)).toEqual([]);
      expect(state.log).toHaveLength(1);
    },
  );

  it('stays with full when an earlier question is answered later', async () => {
    const { choice, state } = choiceOver({}, ['face_quality']);
    let answer = (): void => undefined;
    state.isServerReady = new Promise((resolve) => (answer = () => resolve(true)));
    const earlier = choice.decide(SIGNAL);
    state.ready = FULL;
    await choice.decide(SIGNAL);
    answer();
    await earlier;
    expect(choice.current()).toEqual({ name: 'full' });
  });

  it('does not decide for simple under auto before the predictor itself is ready', async () => {
    const { choice, state } = choiceOver({}, ['face_quality', ...FULL.slice(1)]);
    state.isServerReady = false;
    expect(await choice.decide(SIGNAL)).toEqual(['face_detect', 'face_quality_trt_fp16']);
    expect(() => choice.current()).toThrow('Not ready: the predictor has no face_detect, face_quality_trt_fp16');
    state.isServerReady = true;
    expect(await choice.decide(SIGNAL)).toEqual([]);
    expect(choice.current()).toEqual({ name: 'simple', model: 'face_quality' });
  });

  it('decides for simple under auto when that is all there is a second time, though the predictor is never ready', async () => {
    const { choice, state } = choiceOver({}, ['face_quality']);
    state.isServerReady = false;
    expect(await choice.decide(SIGNAL)).not.toEqual([]);
    expect(await choice.decide(SIGNAL)).toEqual([]);
    expect(choice.current()).toEqual({ name: 'simple', model: 'face_quality' });
  });

  it('says when the predictor itself is not there', async () => {
    const { choice, state } = choiceOver({}, []);
    state.isServerReady = false;
    await expect(choice.decide(SIGNAL)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the predictor cannot be reached, or is not ready itself',
    });
  });

  it('asks for the models alone where one chain is wanted', async () => {
    const { choice, state } = choiceOver({ chain: 'simple' }, ['face_quality']);
    state.isServerReady = false;
    expect(await choice.decide(SIGNAL)).toEqual([]);
  });

  it('keeps its decision while nothing is ready, and says what is missing', async () => {
    const { choice, state } = choiceOver({ chain: 'simple' }, ['face_quality']);
    await choice.decide(SIGNAL);
    state.ready = [];
    expect(await choice.decide(SIGNAL)).toEqual(['face_quality', 'face_quality_trt_fp16']);
    expect(choice.current()).toEqual({ name: 'simple', model: 'face_quality' });
  });

  it('asks for all models of a chain at once', async () => {
    let asked = 0;
    const answers: (() => void)[] = [];
    const predictor = {
      isModelReady: () => {
        asked++;
        return new Promise<boolean>((resolve) => answers.push(() => resolve(true)));
      },
      isServerReady: () => Promise.resolve(true),
    };
    const logger = { info: () => undefined };
    const options = { facequality_chain: 'auto', facequality_model: 'face_quality' } as const;
    const deciding = createChainChoice({ predictor, logger }, options).decide(SIGNAL);
    expect(asked).toBe(FULL.length);
    for (const answer of answers) answer();
    expect(await deciding).toEqual([]);
  });
});
