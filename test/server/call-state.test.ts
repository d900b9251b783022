import { NO_SPAN } from '../../src/observability/span.js';
import { createCallState } from '../../src/server/call-state.js';
import { createHeaderForwarding, type ReceivedHeaders } from '../../src/server/header-forwarding.js';
import { recordingTracing } from '../helpers/recording-tracing.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

function stateOf(headers: ReceivedHeaders, timeoutMs?: number) {
  const tracing = recordingTracing();
  const forwarding = createHeaderForwarding({ toPredictor: ['x-my-*', 'x-request-id'], toClient: ['x-model-*'] });
  const { signal } = new AbortController();
  const state = createCallState({ headers, signal, ended: Promise.resolve(), forwarding, tracing, timeoutMs });
  return { state, signal, tracing };
}

describe('createCallState()', () => {
  it.each(['a', 'req-1', '00-4bf92f35/~', 'x'.repeat(128)])('takes the request id %.20s', (id) => {
    expect(stateOf({ 'x-request-id': id }).state.requestId).toBe(id);
  });

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one with a space', 'two words'],
    ['one with a line’s end', 'a\nb'],
    ['one that is not ASCII', 'é'],
    ['one of 129 characters', 'x'.repeat(129)],
    ['several', ['a', 'b']],
  ])('makes an id in place of %s', (_, id) => {
    const ids = [1, 2].map(() => stateOf({ 'x-request-id': id }).state.requestId);
    for (const made of ids) expect(made).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('hands a call what is known, the id in place of the client’s odd one', () => {
    const { state, signal } = stateOf({ 'x-request-id': 'two words', 'x-my-a': '1', cookie: 'c' });
    const call = state.toCall();
    expect(call).toMatchObject({
      requestId: state.requestId,
      headers: { 'x-my-a': '1', 'x-request-id': state.requestId },
      signal,
      timeoutMs: undefined,
      span: NO_SPAN,
    });
    expect(call.times).toBe(state.times);
  });

  it('keeps what a call tells of its items, and the last of several answers’ headers', () => {
    const { state } = stateOf({});
    const { onItems, onResponseHeaders } = state.toCall();
    onItems?.({ count: 3, failed: 1 });
    onResponseHeaders?.(
      new Map([
        ['x-model-a', '1'],
        ['x-model-b', '1'],
        ['server', 'triton'],
      ]),
    );
    state.toCall().onResponseHeaders?.(new Map([['x-model-a', '2']]));
    expect(state.items).toEqual({ count: 3, failed: 1 });
    expect(state.answerHeaders).toEqual(
      new Map([
        ['x-model-a', '2'],
        ['x-model-b', '1'],
      ]),
    );
  });

  it.each([
    ['100', 100],
    ['0', 0],
    ['1500.5', 1501],
    [' 20 ', 20],
    ['9999999999', 9_999_999_999],
  ])('takes %j milliseconds for the client’s limit', (header, most) => {
    const { timeoutMs = NaN } = stateOf({ 'x-request-timeout-ms': header }).state.toCall();
    expect(Number.isInteger(timeoutMs)).toBe(true);
    expect(timeoutMs).toBeLessThanOrEqual(most);
    expect(timeoutMs).toBeGreaterThanOrEqual(Math.max(0, most - 1000));
  });

  it('counts what has passed since the call came', async () => {
    const { state } = stateOf({ 'x-request-timeout-ms': '10' });
    const startedAt = performance.now();
    while (performance.now() - startedAt < 11) await new Promise((resolve) => setImmediate(resolve));
    expect(state.toCall().timeoutMs).toBe(0);
  });

  it.each([
    [undefined, 50, 50],
    ['80', 50, 50],
    ['20', 50, 20],
  ])('takes the least of the header %s and the protocol’s %i ms', (header, timeoutMs, least) => {
    const call = stateOf({ 'x-request-timeout-ms': header }, timeoutMs).state.toCall();
    expect(call.timeoutMs).toBeLessThanOrEqual(least);
    expect(call.timeoutMs).toBeGreaterThan(0);
  });

  it.each([
    [''],
    ['soon'],
    ['-1'],
    ['1e3'],
    ['0x10'],
    ['1.'],
    ['NaN'],
    ['Infinity'],
    ['12345678901'],
    ['10, 20'],
    [['10']],
  ])('refuses %j for a limit', (header) => {
    const { state } = stateOf({ 'x-request-timeout-ms': header });
    const error = serviceErrorThrownBy(() => state.toCall());
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toBe('x-request-timeout-ms must be a number of milliseconds, such as 2500');
  });

  it('begins the trace of a call of a model, once it is known which', () => {
    const { state, tracing } = stateOf({ 'x-request-id': 'r1' });
    expect([state.span, state.protocol, state.modelName]).toEqual([NO_SPAN, undefined, '']);
    state.begin({ protocol: 'v2', modelName: 'm', name: 'POST /v2/models/{name}/infer' });
    expect([state.protocol, state.modelName]).toEqual(['v2', 'm']);
    expect(tracing.spans).toEqual([
      {
        name: 'POST /v2/models/{name}/infer',
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/v2/models/{name}/infer',
          'model.name': 'm',
          'request.id': 'r1',
        },
        children: [],
        ends: [],
      },
    ]);
    expect(state.toCall().span).toBe(state.span);
  });

  it('adds up bytes', () => {
    const { state } = stateOf({});
    state.addBytes({ request: 3 });
    state.addBytes({ request: 4, response: 5 });
    expect([state.requestBytes, state.responseBytes]).toEqual([7, 5]);
  });
});
