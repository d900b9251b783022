import type { TritonInferRequest } from '../../../../src/predictor/triton/inference.js';
import type { InferResponseMessage, StreamResponseMessage } from '../../../../src/oip/grpc/messages.js';
import { createStreamExchange, type StreamExchange } from '../../../../src/predictor/triton/grpc/stream-exchange.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function request(id?: string, rest: Partial<TritonInferRequest> = {}): TritonInferRequest {
  return { model: 'counter', inputs: {}, ...(id !== undefined && { id }), ...rest };
}

function response(id: string, rest: Partial<InferResponseMessage> = {}): InferResponseMessage {
  return {
    model_name: 'counter',
    model_version: '1',
    id,
    parameters: { triton_final_response: { bool_param: false } },
    outputs: [{ name: 'VALUE', datatype: 'FP32', shape: [1], parameters: {}, contents: null }],
    raw_output_contents: [Buffer.from(Float32Array.of(7).buffer)],
    ...rest,
  };
}

const FINAL = { triton_final_response: { bool_param: true } };

function answer(message: InferResponseMessage | null, error = ''): StreamResponseMessage {
  return { error_message: error, infer_response: message };
}

/** An exchange in which these requests were sent, and their ids on the wire. */
function exchangeOf(...requests: TritonInferRequest[]): { exchange: StreamExchange; ids: string[] } {
  const exchange = createStreamExchange(() => 1000);
  return { exchange, ids: requests.map((sent) => exchange.toMessage(sent).id) };
}

describe('createStreamExchange()', () => {
  it('asks with every request for an empty answer where the last one is not marked', () => {
    const message = createStreamExchange(() => 1000).toMessage(request('a', { parameters: { seed: 3 } }));
    expect(message).toMatchObject({
      id: 'a',
      parameters: { seed: { int64_param: 3 }, triton_enable_empty_final_response: { bool_param: true } },
    });
  });

  it('gives what is left of the time to a request that asks for it when it is sent', () => {
    const message = createStreamExchange(() => 250).toMessage(request('a', { queueTimeoutMs: 'remaining' }));
    expect(message.parameters).toMatchObject({ timeout: { int64_param: 250_000 } });
  });

  it('reads a result, and whether it is the last one apart from the other parameters', () => {
    const { exchange } = exchangeOf(request('a'));
    const parameters = { triton_final_response: { bool_param: false }, tokens: { int64_param: '12' } };
    const message = exchange.fromMessage(answer(response('a', { parameters })));
    expect(message).toMatchObject({
      id: 'a',
      isFinal: false,
      result: { model: 'counter', version: '1', id: 'a', parameters: { tokens: 12 } },
    });
    expect(message.result?.parameters).not.toHaveProperty('triton_final_response');
    expect([...(message.result?.outputs.keys() ?? [])]).toEqual(['VALUE']);
  });

  it('reads an empty last answer as a result without outputs, also where some were asked for', () => {
    const { exchange } = exchangeOf(request('a', { outputs: ['VALUE'] }));
    const empty = response('a', { model_version: '', parameters: FINAL, outputs: [], raw_output_contents: [] });
    const message = exchange.fromMessage(answer(empty));
    expect(message).toMatchObject({ id: 'a', isFinal: true });
    expect(message.result?.outputs.size).toBe(0);
  });

  it('takes an answer that does not say for the last one', () => {
    const { exchange } = exchangeOf(request('a'));
    expect(exchange.fromMessage(answer(response('a', { parameters: {} })))).toMatchObject({ isFinal: true });
    expect(exchange.unanswered).toBe(0);
  });

  it.each([
    ['after which more may come', { triton_final_response: { bool_param: false } }, false],
    ['that is the last answer', FINAL, true],
    ['of a request that was refused, with its id alone', {}, true],
  ])('reads an error %s', (_, parameters, isFinal) => {
    const { exchange } = exchangeOf(request('a'));
    const message = exchange.fromMessage(
      answer(response('a', { parameters, outputs: [], raw_output_contents: [] }), 'out of tokens'),
    );
    expect(message).toMatchObject({
      id: 'a',
      isFinal,
      error: {
        code: 'upstream_error',
        message: 'The predictor answered with an error for model counter: out of tokens',
        upstream: { status: 'UNKNOWN', text: 'out of tokens' },
        isSafeToRetry: false,
      },
    });
    expect(exchange.unanswered).toBe(isFinal ? 0 : 1);
  });

  it('makes an answer that is none an error of its request alone', () => {
    const { exchange } = exchangeOf(request('a', { outputs: ['OTHER'] }), request('b'));
    expect(exchange.fromMessage(answer(response('a')))).toMatchObject({
      id: 'a',
      isFinal: false,
      error: { message: "The predictor's answer for model counter is not valid: output OTHER is missing" },
    });
    expect(exchange.fromMessage(answer(response('b')))).toMatchObject({ id: 'b', result: { id: 'b' } });
  });

  it.each([
    ['without an id', undefined, ''],
    ['with the id of a request that is not finished', 'a', 'a'],
  ])('tells requests %s apart, each with its own outputs', (_, id, shownId) => {
    const { exchange, ids } = exchangeOf(request(id), request(id, { outputs: ['OTHER'] }));
    const [first = '', second = ''] = ids;
    expect(second).toMatch(UUID);
    expect(first).not.toBe(second);
    expect(exchange.fromMessage(answer(response(second)))).toMatchObject({ id: shownId, error: {} });
    expect(exchange.fromMessage(answer(response(first)))).toMatchObject({ id: shownId, result: { id: shownId } });
  });

  it('sends an id again once its request is finished', () => {
    const { exchange } = exchangeOf(request('a'));
    exchange.fromMessage(answer(response('a', { parameters: FINAL })));
    expect(exchange.toMessage(request('a')).id).toBe('a');
  });

  it('counts requests until their last answer', () => {
    const { exchange } = exchangeOf(request('a'), request('b'));
    expect(exchange).toMatchObject({ unanswered: 2, hasAnswerBegun: false });
    exchange.fromMessage(answer(response('a')));
    expect(exchange).toMatchObject({ unanswered: 2, hasAnswerBegun: true });
    exchange.fromMessage(answer(response('a', { parameters: FINAL })));
    expect(exchange).toMatchObject({ unanswered: 1 });
  });

  it.each([
    ['of another id', answer(response('z')), '"z"'],
    ['after the last one', answer(response('done')), '"done"'],
    ['without anything', answer(null), '""'],
  ])('refuses an answer %s', (_, message, shown) => {
    const { exchange } = exchangeOf(request('done'));
    exchange.fromMessage(answer(response('done', { parameters: FINAL })));
    expect(serviceErrorThrownBy(() => exchange.fromMessage(message))).toMatchObject({
      code: 'upstream_error',
      message: `The predictor's answer for the inference stream is not valid: it belongs to no request (${shown})`,
    });
  });

  it('throws an error that belongs to no request', () => {
    const { exchange } = exchangeOf(request('a'));
    expect(serviceErrorThrownBy(() => exchange.fromMessage(answer(null, 'server is stopping')))).toMatchObject({
      code: 'unavailable',
      message: 'The predictor answered with an error for the inference stream: server is stopping',
      upstream: { status: 'UNKNOWN', text: 'server is stopping' },
    });
  });

  it('refuses a request that is wrong in itself, and does not wait for its answer', () => {
    const exchange = createStreamExchange(() => 1000);
    expect(serviceErrorThrownBy(() => exchange.toMessage(request('a', { parameters: { triton_x: 1 } })))).toMatchObject(
      {
        code: 'invalid_argument',
        message: expect.stringContaining('the name "triton_x" is reserved by Triton'),
      },
    );
    expect(exchange.unanswered).toBe(0);
  });
});
