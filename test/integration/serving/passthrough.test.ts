import { createTensor } from '../../../src/predictor/triton/tensors/create-tensor.js';
import type { AnyTensor } from '../../../src/tensor.js';
import { SAMPLES } from '../datatype-samples.js';
import { type Protocol, tritonAddress } from '../real-triton.js';
import { runPython } from '../run-python.js';
import { type Failure } from './outcomes.js';
import { servePassthrough, type Serving } from './serve.js';

const PROTOCOLS = ['http', 'grpc'] as const;

const MODELS = ['every_datatype', 'every_datatype_batched', 'copy', 'request_extensions', 'sequence_sum', 'repeat'];

/** How long the model of one instance is kept busy. */
const BUSY_MS = 3000;

/**
 * What has a form in JSON: all but 16-bit floats, which neither server takes so, NaN and infinities, and bytes that are
 * no text.
 */
const JSON_TENSORS: readonly AnyTensor[] = [
  ...SAMPLES.filter(({ what, tensor: { datatype } }) => {
    return !/^(FP|BF|BYTES)/.test(datatype) && !what.endsWith('the largest batch');
  }).map(({ tensor }) => tensor),
  createTensor('FP32', [2, 4], [0, -0, 0.1, -1.5, 1e-45, 3.4028234663852886e38, 16777217, 1e21].map(Math.fround)),
  createTensor('FP64', [2, 4], [0, -0, 0.1, -1.5, 5e-324, 1.7976931348623157e308, 123456789.125, 1e21]),
  createTensor('BYTES', [2, 3], ['', 'text', 'é😀', '"quoted" \\', 'line\nbreak', 'end\0']),
];

/** What came of each scenario. */
type Outcomes = Readonly<Record<string, { readonly value: unknown } | { readonly error: Failure }>>;

const callsTo = (protocol: Protocol, address: string, calls: string) =>
  runPython('serving/passthrough_client.py', { protocol, address, calls }, 'clients') as Promise<Outcomes>;

/** What the official client, of its own protocol, hears from Triton itself. */
const DIRECT = new Map<Protocol, Outcomes>();
/** What it sends and receives of every datatype. */
const DIRECT_SAMPLES = new Map<Protocol, unknown>();

beforeAll(async () => {
  for (const protocol of PROTOCOLS) {
    DIRECT.set(protocol, await callsTo(protocol, tritonAddress(protocol), 'passthrough_calls'));
    DIRECT_SAMPLES.set(protocol, await exchangeSamples(protocol, tritonAddress(protocol)));
  }
});

describe.each(PROTOCOLS)('passthrough to a real Triton over %s', (upstream) => {
  let service: Serving;
  beforeAll(async () => {
    service = await servePassthrough(MODELS, upstream, { flags: ['--enable_admin'] });
  });
  afterAll(() => service.stop());

  describe.each(PROTOCOLS)("for Triton's official client for %s", (protocol) => {
    it('ends every call as Triton itself does: values, statuses and words', async () => {
      const outcomes = await callsTo(protocol, service.address[protocol], 'passthrough_calls');
      expect(Object.keys(outcomes).length).toBeGreaterThan(25);
      expect(outcomes).toEqual(wordsOf(upstream, DIRECT.get(protocol) ?? {}));
    });

    it('brings every datatype there and back bit for bit, as Triton itself does', async () => {
      const received = await exchangeSamples(protocol, service.address[protocol]);
      expect(received).toHaveLength(SAMPLES.length);
      expect(received).toEqual(DIRECT_SAMPLES.get(protocol));
    });

    it('refuses data that do not fill their shape, of which Triton would end', async () => {
      const { afterwards, ...faults } = await callsTo(protocol, service.address[protocol], 'passthrough_faults');
      expect(Object.keys(faults).length).toBeGreaterThan(5);
      const status = protocol === 'http' ? '400' : 'StatusCode.INVALID_ARGUMENT';
      const refused = { error: { type: 'InferenceServerException', status, message: expect.stringMatching(/input/) } };
      expect(faults).toEqual(Object.fromEntries(Object.keys(faults).map((name) => [name, refused])));
      expect(afterwards).toEqual({ value: [1, 2] });
    });
  });

  it.each(JSON_TENSORS.map((tensor) => [tensor.datatype, tensor.shape, tensor] as const))(
    'answers JSON with the very values of Triton: %s of shape %j',
    async (_datatype, _shape, tensor) => {
      const body = jsonRequest(tensor);
      const path = '/v2/models/every_datatype/infer';
      const [through, direct] = await Promise.all([
        postText(service.url + path, body),
        postText(`http://${tritonAddress('http')}${path}`, body),
      ]);
      expect([through.status, direct.status]).toEqual([200, 200]);
      expect(outputsIn(through.text)).toEqual(outputsIn(direct.text));
    },
  );

  it('lets go of a call whose client has left', async () => {
    const client = new AbortController();
    const call = fetch(`${service.url}/v2/models/request_extensions/infer`, {
      method: 'POST',
      body: JSON.stringify({
        inputs: [{ name: 'SCORES_IN', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
        parameters: { busy_ms: BUSY_MS },
      }),
      headers: { 'x-request-id': 'leaves' },
      signal: client.signal,
    }).catch((error: unknown) => error);
    await untilCallsInFlight(service, 1);
    const leftAt = performance.now();
    client.abort();
    await call;
    const { status } = await service.line(({ requestId }) => requestId === 'leaves');
    expect(status).toBe(499);
    await untilCallsInFlight(service, 0);
    expect(performance.now() - leftAt).toBeLessThan(BUSY_MS / 2);
  });
});

describe('passthrough of streams to a real Triton', () => {
  it('gives every message that Triton itself gives, and tells the model of a client that left', async () => {
    const service = await servePassthrough(MODELS, 'grpc');
    try {
      const direct = await callsTo('grpc', tritonAddress('grpc'), 'passthrough_streams');
      const through = await callsTo('grpc', service.address.grpc, 'passthrough_streams');
      expect(through).toEqual(direct);
      expect(through['a_request_that_is_left']).toEqual({ value: 1 });
    } finally {
      await service.stop();
    }
  });
});

/** The same outcomes in the words of the other protocol, which differ for a few; statuses are the client's. */
function wordsOf(upstream: Protocol, outcomes: Outcomes): Outcomes {
  const inItsWords = DIRECT.get(upstream) ?? {};
  return Object.fromEntries(
    Object.entries(outcomes).map(([name, outcome]) => {
      const said = inItsWords[name];
      if (!('error' in outcome) || said === undefined || !('error' in said)) return [name, outcome];
      return [name, { error: { ...outcome.error, message: said.error.message } }];
    }),
  );
}

/** What the official client sends and receives of every sample. */
function exchangeSamples(protocol: Protocol, address: string): Promise<unknown> {
  const samples = SAMPLES.map(({ model, tensor: { datatype, shape, data } }) => {
    const parts = datatype === 'BYTES' ? data : [data];
    return { model, datatype, shape, elements: parts.map(base64Of) };
  });
  return runPython('official_client.py', { address, protocol, samples });
}

function base64Of({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** Written by hand, since JSON.stringify() knows neither all digits of 64-bit integers nor the zero below zero. */
function jsonRequest(tensor: AnyTensor): string {
  const { datatype, shape } = tensor;
  const head = JSON.stringify({ name: `${datatype}_IN`, datatype, shape });
  return `{"inputs":[${head.slice(0, -1)},"data":[${jsonValues(tensor).join(',')}]}]}`;
}

function jsonValues({ datatype, data }: AnyTensor): readonly string[] {
  if (datatype === 'BYTES') return data.map((element) => JSON.stringify(Buffer.from(element).toString('utf8')));
  return Array.from<number | bigint, string>(data as Iterable<number | bigint>, (value) => {
    if (datatype === 'BOOL') return String(value !== 0);
    return Object.is(value, -0) ? '-0.0' : String(value);
  });
}

async function postText(url: string, body: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, { method: 'POST', body });
  return { status: answer.status, text: await answer.text() };
}

/** The outputs in an answer; numbers of many digits as texts, so that no digit is lost. */
function outputsIn(text: string): unknown {
  const exact = text.replaceAll(/(?<=[[,:]\s*)-?\d{16,}(?=\s*[,\]}])/g, (digits) => `"${digits}"`);
  return (JSON.parse(exact) as { outputs: unknown }).outputs;
}

/** Waits until so many calls to the predictor are under way; the test's own time limit ends it otherwise. */
async function untilCallsInFlight(service: Serving, count: number): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    if (metrics.includes(`\npredictor_calls_in_flight ${count}\n`)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
