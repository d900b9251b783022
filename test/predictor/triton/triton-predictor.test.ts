import { jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../../src/errors.js';
import { NO_SPAN } from '../../../src/observability/span.js';
import { type AnyTensor, float32Tensor, TYPED_ARRAYS } from '../../../src/tensor.js';
import { DATATYPES, TritonError } from '../../helpers/fake-models.js';
import { type FakeTriton, SERVED_BY } from '../../helpers/fake-triton.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { PROTOCOLS, recordingLogger, startTriton } from './triton-setup.js';

const row = float32Tensor([1, 4], Float32Array.of(1, 2, 3, 4));
const inputs = (tensor: AnyTensor = row) => new Map([['input', tensor]]);

const HTTP_STATUS: Readonly<Record<string, number>> = { INTERNAL: 500, UNAVAILABLE: 503, NOT_FOUND: 404 };

/** Two rows of three elements, every bit pattern of which comes back. */
function tensorOf(datatype: AnyTensor['datatype']): AnyTensor {
  const shape = [2, 3];
  if (datatype === 'BYTES') {
    return { datatype, shape, data: ['', 'a', 'é', 'four', '\0', 'x'.repeat(300)].map((text) => Buffer.from(text)) };
  }
  const elementBytes = TYPED_ARRAYS[datatype].BYTES_PER_ELEMENT;
  const bytes = Uint8Array.from({ length: 6 * elementBytes }, (_, i) => (datatype === 'BOOL' ? i % 2 : i + 1));
  return { datatype, shape, data: new TYPED_ARRAYS[datatype](bytes.buffer) } as AnyTensor;
}

/** Numbers as they are, elements of BYTES as text. */
function valuesOf({ data }: AnyTensor): unknown[] {
  const values = Array.from<unknown>(data as ArrayLike<unknown>);
  return values.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value));
}

const stops: (() => Promise<void>)[] = [];

/** A fake Triton and its predictor, stopped after the test. */
async function start(...args: Parameters<typeof startTriton>) {
  const { fake, predictor, stop } = await startTriton(...args);
  stops.push(stop);
  return { fake, predictor };
}

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

describe.each(PROTOCOLS)('a Triton predictor over %s', (protocol) => {
  describe('with tensors', () => {
    it.each(DATATYPES)('brings %s there and back', async (datatype) => {
      const { predictor } = await start(protocol);
      const sent = tensorOf(datatype);
      const { outputs } = await predictor.infer({ model: `echo_${datatype}`, inputs: inputs(sent) });
      const received = outputs.get('output');
      expect(received).toMatchObject({ datatype, shape: [2, 3] });
      expect(received && valuesOf(received)).toEqual(valuesOf(sent));
    });

    it.each(DATATYPES.filter(([datatype]) => !['FP16', 'BF16', 'INT64', 'UINT64'].includes(datatype)))(
      'understands %s from a server that answers without binary data',
      async (datatype) => {
        const { predictor } = await start(protocol, { answersWithValues: true });
        const sent = tensorOf(datatype);
        const { outputs } = await predictor.infer({ model: `echo_${datatype}`, inputs: inputs(sent) });
        const received = outputs.get('output');
        expect(received).toMatchObject({ datatype, shape: [2, 3] });
        expect(received && valuesOf(received)).toEqual(valuesOf(sent));
      },
    );

    it('carries 24 MB in one call, there and back', async () => {
      const { predictor, fake } = await start(protocol);
      const data = Float32Array.from({ length: 6_000_000 }, (_, i) => i);
      const { outputs } = await predictor.infer({
        model: 'large',
        inputs: inputs(float32Tensor([1, data.length], data)),
      });
      const received = outputs.get('output')?.data as Float32Array;
      expect(
        Buffer.compare(
          Buffer.from(received.buffer, received.byteOffset, received.byteLength),
          Buffer.from(data.buffer),
        ),
      ).toBe(0);
      expect(fake.seen[0]?.inputs[0]?.bytes.length).toBe(24_000_000);
    });
  });

  describe('with headers', () => {
    it('sends those of the call, and passes over what cannot be sent', async () => {
      const { predictor, fake } = await start(protocol);
      const headers = {
        'x-request-id': 'r-1',
        traceparent: '00-1',
        'x-odd': 'naïve\n',
        'trace-bin': 'AA',
        'bad name': 'x',
      };
      await predictor.infer({ model: 'identity', inputs: inputs() }, { headers });
      expect(fake.seen[0]?.headers).toMatchObject({ 'x-request-id': 'r-1', traceparent: '00-1' });
      const names = Object.keys(fake.seen[0]?.headers ?? {});
      expect(names.filter((name) => ['x-odd', 'trace-bin', 'bad name'].includes(name))).toEqual([]);
    });

    it('sends whatever header it is given, since others decide what is forwarded, and takes a span', async () => {
      const { predictor, fake } = await start(protocol);
      const headers = { 'x-tenant': 'north', authorization: 'Bearer t', 'content-length': '9', 'grpc-timeout': '1n' };
      await predictor.infer({ model: 'identity', inputs: inputs() }, { headers, span: NO_SPAN });
      expect(fake.seen[0]?.headers).toMatchObject({ 'x-tenant': 'north', authorization: 'Bearer t' });
      expect(fake.seen[0]?.headers['content-length']).not.toBe('9');
      expect(fake.seen[0]?.headers['grpc-timeout']).not.toBe('1n');
    });

    it.each([
      ['an answer', 'identity'],
      ['an error', 'failing'],
    ])('tells those of %s', async (_, name) => {
      const { predictor } = await start(protocol);
      const told: ReadonlyMap<string, string>[] = [];
      const options = { onResponseHeaders: (headers: ReadonlyMap<string, string>) => void told.push(headers) };
      await predictor.infer({ model: name, inputs: inputs() }, options).catch(() => undefined);
      expect(told.map((headers) => headers.get(SERVED_BY.name))).toEqual([SERVED_BY.value]);
      expect([...(told[0]?.keys() ?? [])].filter((header) => header.startsWith(':'))).toEqual([]);
    });
  });

  describe('with all that a request can say', () => {
    it('sends version, id, classification and parameters, those that Triton understands among them', async () => {
      const { predictor, fake } = await start(protocol);
      await predictor.infer({
        model: 'identity',
        version: '1',
        id: 'r-7',
        inputs: inputs(),
        outputs: [{ name: 'output', classification: 2 }],
        parameters: {
          tenant: 'north',
          threshold: 0.25,
          sequence_id: 'caller-7',
          sequence_end: true,
          priority: 1,
          timeout: 250_000n,
          binary_data_output: false,
        },
      });
      const [seen] = fake.seen;
      expect(seen).toMatchObject({ version: '1', id: 'r-7', wanted: ['output'] });
      const parameters = Object.entries(seen?.parameters ?? {}).map(([name, value]) => [name, String(value)]);
      expect(Object.fromEntries(parameters)).toEqual({
        tenant: 'north',
        threshold: '0.25',
        sequence_id: 'caller-7',
        sequence_start: 'false',
        sequence_end: 'true',
        priority: '1',
        timeout: '250000',
      });
      expect(String(seen?.outputParameters[0]?.['classification'])).toBe('2');
    });

    it('gives the version and the parameters of the answer', async () => {
      const answerParameters = { sequence_id: 7, sequence_start: false, note: 'warm', triton_final_response: true };
      const { predictor } = await start(protocol, { answerParameters });
      const response = await predictor.infer({ model: 'identity', inputs: inputs() });
      expect(response).toMatchObject({ version: '1', parameters: answerParameters });
    });

    it.each([
      [{ parameters: { triton_secret: 1 } }, 'parameters: the name "triton_secret" is reserved by Triton'],
      [{ parameters: { timeout: 'soon' } }, 'parameters.timeout must be an unsigned 64-bit integer; received "soon"'],
      [{ parameters: { a: 2n ** 63n } }, 'parameters.a must be within -2^63..2^63-1; received 9223372036854775808'],
      [{ version: 'latest' }, 'version must be digits, such as "2"; received "latest"'],
    ])('asks nothing for %o', async (wrong, message) => {
      const { predictor, fake } = await start(protocol);
      const error = await serviceErrorOf(predictor.infer({ model: 'identity', inputs: inputs(), ...wrong }));
      expect(error).toMatchObject({ code: 'invalid_argument', message });
      expect(fake.seen).toEqual([]);
    });
  });

  describe('with retries', () => {
    const refused = () => {
      throw new TritonError('UNAVAILABLE', 'Exceeds maximum queue size');
    };

    it.each([
      [undefined, 1],
      [0, 1],
      [2, 3],
      [4, 5],
    ])('of %s sends a call that is refused %d times in all', async (retries, times) => {
      const { predictor, fake } = await start(protocol, retries === undefined ? {} : { retries });
      fake.models.set('identity', { ...model(fake, 'identity'), run: refused });
      const error = await serviceErrorOf(predictor.infer({ model: 'identity', inputs: inputs() }));
      expect(error).toMatchObject({ code: 'unavailable', upstream: { text: 'Exceeds maximum queue size' } });
      expect(fake.seen).toHaveLength(times);
    });

    it('does not repeat a request of a sequence', async () => {
      const { predictor, fake } = await start(protocol, { retries: 2 });
      fake.models.set('identity', { ...model(fake, 'identity'), run: refused });
      const request = { model: 'identity', inputs: inputs(), parameters: { sequence_id: 1 } };
      expect((await serviceErrorOf(predictor.infer(request))).code).toBe('unavailable');
      expect(fake.seen).toHaveLength(1);
    });

    it('refuses more than there may be', async () => {
      const error = await serviceErrorOf(start(protocol, { retries: 5 }));
      expect(error).toMatchObject({ code: 'invalid_argument' });
      expect(error.message).toContain('retries.attempts must be a whole number from 2 to 5');
    });
  });

  describe('with answers that are none', () => {
    it.each([
      ['liar_bytes', 'output output has 12 bytes, but FP32 of shape [1,4] takes 16'],
      ['liar_missing', 'output output is missing'],
      ['liar_datatype', 'output output has the unknown datatype "FP99"'],
      ['liar_shape', 'output output has the shape [-1,4]'],
    ])('refuses that of %s', async (model, problem) => {
      const { predictor } = await start(protocol);
      const error = await serviceErrorOf(predictor.infer({ model, inputs: inputs(), outputs: ['output'] }));
      expect(error.code).toBe('upstream_error');
      expect(error.message).toBe(`The predictor's answer for model ${model} is not valid: ${problem}`);
    });
  });

  describe('with large answers', () => {
    const numbers = (count: number) => inputs(float32Tensor([1, count], new Float32Array(count)));

    it('refuses one over its limit, and goes on', async () => {
      const { predictor } = await start(protocol, { maxAnswerBytes: 20_000 });
      const error = await serviceErrorOf(predictor.infer({ model: 'large', inputs: numbers(5000) }));
      expect(error).toMatchObject({
        code: 'upstream_error',
        message: "The predictor's answer for model large is not valid: it is larger than an answer may be",
      });
      const { outputs } = await predictor.infer({ model: 'large', inputs: numbers(4900) });
      expect(outputs.get('output')?.data).toHaveLength(4900);
    });
  });

  describe('with errors of the predictor', () => {
    it.each([
      ['failing', 'upstream_error', 'the model said no'],
      ['overloaded', 'unavailable', 'Exceeds maximum queue size'],
      ['loading', 'unavailable', "Request for unknown model: 'loading' has no available versions"],
      ['nobody', 'upstream_error', "Request for unknown model: 'nobody' is not found"],
      ['talkative', 'upstream_error', `${'x'.repeat(300)}…`],
      ['tracing', 'upstream_error', 'ValueError: no face in …'],
    ])('passes on what %s says, as %s', async (model, code, words) => {
      const { predictor } = await start(protocol);
      const error = await serviceErrorOf(predictor.infer({ model, inputs: inputs() }));
      expect(error).toMatchObject({
        code,
        message: `The predictor answered with an error for model ${model}: ${words}`,
      });
    });

    it.each([
      ['tracing', 'INTERNAL', /^ValueError: .*\n\nAt:\n {2}\/mnt\/models\/tracing\/1\/model.py\(41\): execute\n$/],
      ['talkative', 'INTERNAL', /^x{5000}$/],
      ['overloaded', 'UNAVAILABLE', /^Exceeds maximum queue size$/],
      ['nobody', 'NOT_FOUND', /^Request for unknown model: 'nobody' is not found$/],
    ])('keeps all that %s says, with the status', async (model, status, words) => {
      const { predictor } = await start(protocol);
      const { upstream, cause } = await serviceErrorOf(predictor.infer({ model, inputs: inputs() }));
      expect(upstream).toMatchObject({ status, text: expect.stringMatching(words) });
      expect(String(cause)).toContain(upstream?.text);
      expect(upstream?.httpStatus).toBe(protocol === 'http' ? HTTP_STATUS[status] : undefined);
    });

    it('knows that a model is loading and that the server is not ready', async () => {
      const { predictor, fake } = await start(protocol);
      expect(await predictor.isModelReady('loading')).toBe(false);
      fake.setReady(false);
      expect(await predictor.isServerReady()).toBe(false);
    });
  });

  describe('with a predictor that goes away', () => {
    it('says that it cannot be reached, and names no address', async () => {
      const { predictor, fake } = await start(protocol);
      await fake.crash();
      const error = await serviceErrorOf(predictor.infer({ model: 'identity', inputs: inputs() }));
      expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor cannot be reached' });
      expect(error.cause).toBeDefined();
      expect(await predictor.isServerReady()).toBe(false);
      expect(await predictor.isModelReady('identity')).toBe(false);
    });

    it('fails the calls under way and those that follow, and works again by itself after its return', async () => {
      const { lines, logger } = recordingLogger();
      const { predictor, fake } = await start(protocol, { logger });
      const call = serviceErrorOf(predictor.infer({ model: 'slow', inputs: inputs() }));
      await fake.slow.holds(1);
      await fake.crash();
      expect(await call).toMatchObject({
        code: 'unavailable',
        message: 'The predictor went away while it worked on the call',
      });
      for (let attempt = 0; attempt < 3; attempt++) {
        const error = await serviceErrorOf(predictor.infer({ model: 'identity', inputs: inputs() }));
        expect(error.code).toBe('unavailable');
      }
      await fake.restart();
      while (!(await predictor.isServerReady())) await sleep(20);
      expect((await predictor.infer({ model: 'identity', inputs: inputs() })).outputs.get('output')).toEqual(row);
      expect(lines).toEqual(['warn: the predictor is unavailable', 'info: the predictor is back']);
    });

    it('says that it went away when an answer ends in its midst', async () => {
      const { predictor, fake } = await start(protocol);
      fake.cutAnswersAfter(200_000);
      const large = float32Tensor([1, 100_000], new Float32Array(100_000));
      const error = await serviceErrorOf(predictor.infer({ model: 'large', inputs: inputs(large) }));
      expect(error).toMatchObject({
        code: 'unavailable',
        message: 'The predictor went away while it worked on the call',
      });
    });
  });

  describe('with time limits', () => {
    it('ends a call at its limit, and gives its place back', async () => {
      const { predictor, fake } = await start(protocol, { requestTimeoutMs: 150, concurrency: 1 });
      const error = await serviceErrorOf(predictor.infer({ model: 'slow', inputs: inputs() }));
      expect(error.code).toBe('deadline_exceeded');
      expect(error.message).toMatch(/The call (to|for) model slow took longer than its limit/);
      expect((await predictor.infer({ model: 'identity', inputs: inputs() })).outputs.size).toBe(1);
      expect(fake.mostInFlight).toBeLessThanOrEqual(2);
    });

    it("rejects with the signal's own reason", async () => {
      const { predictor, fake } = await start(protocol);
      const controller = new AbortController();
      const call = serviceErrorOf(predictor.infer({ model: 'slow', inputs: inputs() }, { signal: controller.signal }));
      await fake.slow.holds(1);
      const reason = new ServiceError('deadline_exceeded', 'The request took too long');
      controller.abort(reason);
      expect(await call).toBe(reason);
    });

    it('answers readiness while every place is taken', async () => {
      const { predictor, fake } = await start(protocol, { concurrency: 1 });
      const call = predictor.infer({ model: 'slow', inputs: inputs() });
      await fake.slow.holds(1);
      expect(await predictor.isServerReady()).toBe(true);
      expect(await predictor.isModelReady('identity')).toBe(true);
      fake.slow.release();
      await call;
    });
  });

  describe('modelInfo()', () => {
    it('asks once for however many callers, and keeps the answer', async () => {
      const { predictor, fake } = await start(protocol);
      await Promise.all(Array.from({ length: 20 }, () => predictor.modelInfo('identity')));
      await predictor.modelInfo('identity');
      expect(fake.metadataCalls).toBe(2);
    });

    it('does not keep a failure', async () => {
      const { predictor, fake } = await start(protocol);
      expect((await serviceErrorOf(predictor.modelInfo('late'))).code).toBe('upstream_error');
      fake.models.set('late', { ...model(fake, 'identity') });
      expect((await predictor.modelInfo('late')).maxBatchSize).toBe(8);
    });

    it.each([
      ['identity', Infinity],
      ['unbatched', 0],
    ])('tells from the metadata whether %s batches when the server shows no configuration', async (name, size) => {
      const { predictor } = await start(protocol, { hasConfig: false });
      expect((await predictor.modelInfo(name)).maxBatchSize).toBe(size);
    });

    it('asks again after a crash and after an answer that does not fit', async () => {
      const { predictor, fake } = await start(protocol);
      expect((await predictor.modelInfo('identity')).maxBatchSize).toBe(8);
      await fake.crash();
      await serviceErrorOf(predictor.infer({ model: 'identity', inputs: inputs() }));
      fake.models.set('identity', { ...model(fake, 'identity'), maxBatchSize: 4 });
      await fake.restart();
      while (!(await predictor.isServerReady())) await sleep(20);
      expect((await predictor.modelInfo('identity')).maxBatchSize).toBe(4);
      fake.models.set('identity', { ...model(fake, 'identity'), maxBatchSize: 2 });
      // What is known of a model is not asked for twice within a second.
      const started = performance.now();
      const clock = jest.spyOn(performance, 'now').mockImplementation(() => started + 1001);
      const four = float32Tensor([4, 4], new Float32Array(16));
      expect((await serviceErrorOf(predictor.infer({ model: 'identity', inputs: inputs(four) }))).code).toBe(
        'upstream_error',
      );
      clock.mockRestore();
      expect((await predictor.modelInfo('identity')).maxBatchSize).toBe(2);
    });

    it("ends one caller's waiting alone when its signal is aborted", async () => {
      const { predictor, fake } = await start(protocol, { concurrency: 1 });
      const slow = predictor.infer({ model: 'slow', inputs: inputs() });
      await fake.slow.holds(1);
      const controller = new AbortController();
      const left = serviceErrorOf(predictor.modelInfo('identity', { signal: controller.signal }));
      const stays = predictor.modelInfo('identity');
      controller.abort();
      expect((await left).code).toBe('cancelled');
      fake.slow.release();
      expect((await stays).maxBatchSize).toBe(8);
      await slow;
    });
  });

  it('names its place for logs', async () => {
    const { predictor, fake } = await start(protocol);
    expect(predictor.address).toBe(protocol === 'http' ? fake.httpAddress : fake.grpcAddress);
  });
});

function model(fake: FakeTriton, name: string) {
  const found = fake.models.get(name);
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
}
