import { createDataPlane, type ReadinessPolicy } from '../../src/server/data-plane.js';
import type { ServedCall } from '../../src/transformers/served-call.js';
import type { RequestModel, ServedModel } from '../../src/transformers/served-model.js';
import { NO_SPAN } from '../../src/observability/span.js';
import { ServiceError } from '../../src/errors.js';
import { echoModel } from '../helpers/echo-model.js';
import { fakeModel } from '../helpers/served-fake.js';
import { serviceErrorOf, serviceErrorThrownBy } from '../helpers/service-error-of.js';

const INFO = { name: 'kserve-transformer', version: '1.2.3', extensions: [] };
const CALL: ServedCall = {
  requestId: 'r1',
  headers: {},
  signal: new AbortController().signal,
  span: NO_SPAN,
  times: new Map(),
};

function planeOf(models: readonly ServedModel[], readiness: ReadinessPolicy = 'all') {
  return createDataPlane(models, { info: INFO, readiness });
}

/** A model whose readiness the test sets. */
function switched(name: string, isReady = true) {
  const state = { isReady };
  const check = async () => ({ ready: state.isReady, reason: state.isReady ? '' : 'it is asleep' });
  return { state, model: echoModel({ name, readiness: { check, watch: () => () => undefined } }) };
}

describe('createDataPlane()', () => {
  it('knows its models by name', () => {
    const model = echoModel({ name: 'a' });
    const plane = planeOf([model, echoModel({ name: 'b' })]);
    expect(plane.info).toBe(INFO);
    expect(plane.modelNames()).toEqual(['a', 'b']);
    expect(plane.model('a')).toBe(model);
  });

  it.each([
    ['c', 'Model with name "c" does not exist; served here: a'],
    ['', 'Model with name "" does not exist; served here: a'],
    ['toString', 'Model with name "toString" does not exist; served here: a'],
    ['c'.repeat(1000), `Model with name "${'c'.repeat(80)}…" does not exist; served here: a`],
  ])('does not know %.10s', async (name, message) => {
    const plane = planeOf([echoModel({ name: 'a' })]);
    const outcomes = [
      serviceErrorThrownBy(() => plane.model(name)),
      await serviceErrorOf(plane.assertModelReady(name)),
      await serviceErrorOf(plane.load(name, {}, CALL)),
      await serviceErrorOf(plane.unload(name, {}, CALL)),
    ];
    for (const error of outcomes) expect(error).toMatchObject({ code: 'not_found', message });
  });

  it.each([
    ['all', [true, true], undefined],
    ['all', [true, false], 'Model with name "b" is not ready: it is asleep'],
    ['all', [false, false], 'Model with name "a" is not ready: it is asleep'],
    ['all', [], undefined],
    ['any', [true, false], undefined],
    ['any', [false, true], undefined],
    ['any', [false, false], 'Model with name "a" is not ready: it is asleep'],
    ['any', [], undefined],
  ] as const)('is ready with %s of its models: %j', async (policy, ready, problem) => {
    const models = ready.map((isReady, index) => switched(['a', 'b'][index] ?? '', isReady).model);
    const asserting = planeOf(models, policy).assertReady();
    if (problem === undefined) await expect(asserting).resolves.toBeUndefined();
    else expect(await serviceErrorOf(asserting)).toMatchObject({ code: 'unavailable', message: problem });
  });

  it('passes on why a model cannot be asked whether it is ready', async () => {
    const check = () => Promise.reject(new ServiceError('internal', 'broken'));
    const plane = planeOf([echoModel({ readiness: { check, watch: () => () => undefined } })]);
    await expect(plane.assertReady()).rejects.toMatchObject({ code: 'internal' });
  });

  it('is not ready any more when it drains, and tells each listener once', async () => {
    const plane = planeOf([echoModel()]);
    const told: string[] = [];
    plane.onDrain(() => told.push('early'));
    expect(told).toEqual([]);
    plane.drain();
    plane.drain();
    plane.onDrain(() => told.push('late'));
    expect(told).toEqual(['early', 'late']);
    expect(await serviceErrorOf(plane.assertReady())).toMatchObject({
      code: 'unavailable',
      message: 'The server is stopping',
    });
    await expect(plane.assertModelReady('echo')).resolves.toBeUndefined();
  });
});

describe('loading and unloading', () => {
  it('takes a model out of everything that is asked, and puts it back', async () => {
    const [a, b] = [switched('a'), switched('b', false)];
    const plane = planeOf([a.model, b.model]);
    await plane.unload('b', {}, CALL);
    expect(plane.modelNames()).toEqual(['a']);
    const unloaded = { code: 'not_found', message: 'Model with name "b" is unloaded' };
    expect(serviceErrorThrownBy(() => plane.model('b'))).toMatchObject(unloaded);
    expect(await serviceErrorOf(plane.assertModelReady('b'))).toMatchObject(unloaded);
    await expect(plane.assertReady()).resolves.toBeUndefined();
    expect(serviceErrorThrownBy(() => plane.model('c')).message).toContain('served here: a');
    expect(await plane.index()).toEqual([
      { name: 'a', version: '1', state: 'READY', reason: '' },
      { name: 'b', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' },
    ]);

    await plane.unload('b', {}, CALL);
    await plane.load('b', {}, CALL);
    await plane.load('b', {}, CALL);
    expect(plane.model('b')).toBe(b.model);
    expect(plane.modelNames()).toEqual(['a', 'b']);
    expect((await plane.index())[1]).toEqual({ name: 'b', version: '1', state: 'UNAVAILABLE', reason: 'it is asleep' });
  });

  it('has the predictor do so for models that hand requests on', async () => {
    const asked: unknown[] = [];
    const repository: RequestModel['repository'] = {
      load: async (parameters, call) => void asked.push(['load', parameters, call]),
      unload: async (parameters, call) => void asked.push(['unload', parameters, call]),
    };
    const plane = planeOf([echoModel({ repository })]);
    await plane.unload('echo', { unload_dependents: true }, CALL);
    await plane.load('echo', { config: '{}' }, CALL);
    expect(asked).toEqual([
      ['unload', { unload_dependents: true }, CALL],
      ['load', { config: '{}' }, CALL],
    ]);
  });

  it('leaves everything as it is when the predictor does not do so', async () => {
    const refuse = () => Promise.reject(new ServiceError('upstream_error', 'no'));
    const plane = planeOf([echoModel({ repository: { load: refuse, unload: refuse } }), fakeModel()]);
    await expect(plane.unload('echo', {}, CALL)).rejects.toMatchObject({ code: 'upstream_error' });
    expect(plane.modelNames()).toEqual(['echo', 'fake']);
  });
});
