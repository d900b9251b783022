import { fromFloat16, toFloat16 } from '../../src/predictor/triton/tensors/float16.js';
import { fromBfloat16, toBfloat16 } from '../../src/predictor/triton/tensors/bfloat16.js';
import { bytesOfTensor } from '../../src/oip/tensor-bytes.js';
import type { AnyTensor } from '../../src/tensor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { type Sample, SAMPLES } from './datatype-samples.js';
import { tritonAddress } from './real-triton.js';
import { runPython } from './run-python.js';
import { aCall, createTransport, type InferenceTransport } from './triton-transport.js';

const NAMED_SAMPLES = SAMPLES.map((sample, index) => [sample.what, sample, index] as const);

/** What the official client says of a sample. */
interface OfficialExchange {
  readonly sent: string;
  readonly shape: readonly number[];
  readonly elements: readonly string[];
}

describe.each(['http', 'grpc'] as const)('every datatype through a real Triton over %s', (protocol) => {
  let transport: InferenceTransport;
  let official: OfficialExchange[];

  beforeAll(async () => {
    transport = createTransport(protocol);
    official = (await runPython('official_client.py', {
      address: tritonAddress(protocol),
      protocol,
      samples: SAMPLES.map(({ model, tensor }) => {
        return { model, datatype: tensor.datatype, shape: tensor.shape, elements: base64Of(tensor) };
      }),
    })) as OfficialExchange[];
  });
  afterAll(() => transport.close());

  const sendAndReceive = async ({ model, tensor }: Sample) => {
    const { datatype } = tensor;
    const inputs = { [`${datatype}_IN`]: tensor };
    const { outputs } = await transport.infer({ model, inputs }, aCall());
    expect([...outputs.keys()]).toEqual([`${datatype}_OUT`]);
    return outputs.get(`${datatype}_OUT`);
  };

  it.each(NAMED_SAMPLES)('%s comes back bit for bit', async (_, sample) => {
    const received = await sendAndReceive(sample);
    expect(received && facts(received)).toEqual(facts(sample.tensor));
  });

  it.each(NAMED_SAMPLES)('%s goes out and comes back as by the official client', (_, { tensor }, index) => {
    expect(official[index]?.sent).toBe(Buffer.from(bytesOfTensor(tensor)).toString('base64'));
    expect(official[index]?.shape).toEqual(tensor.shape);
    expect(official[index]?.elements).toEqual(base64Of(tensor));
  });

  it('brings all datatypes in one request, in the order asked for', async () => {
    const tensors = SAMPLES.filter(({ what }) => what.endsWith('every kind')).map(({ tensor }) => tensor);
    const inputs = Object.fromEntries(tensors.map((tensor) => [`${tensor.datatype}_IN`, tensor]));
    const outputs = tensors.map(({ datatype }) => `${datatype}_OUT`).reverse();
    const answer = await transport.infer({ model: 'every_datatype', inputs, outputs }, aCall());
    expect([...answer.outputs.keys()]).toEqual(outputs);
    expect([...answer.outputs.values()].map(facts)).toEqual(tensors.map(facts).reverse());
  });

  it('hears from a model with batching that it takes no empty batch', async () => {
    const tensor: AnyTensor = { datatype: 'FP32', shape: [0, 3], data: new Float32Array(0) };
    const request = { model: 'every_datatype_batched', inputs: { FP32_IN: tensor } };
    const error = await serviceErrorOf(transport.infer(request, aCall()));
    expect(error.code).toBe('upstream_error');
    expect(error.upstream?.text).toContain("input byte size mismatch for input 'FP32_IN'");
  });
});

describe("Triton's JSON", () => {
  it.each(['FP16', 'BF16'])('has no values of %s, which therefore go as bytes', async (datatype) => {
    const inputs = [{ name: `${datatype}_IN`, datatype, shape: [1, 1], data: [1] }];
    const url = `http://${tritonAddress('http')}/v2/models/every_datatype/infer`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ inputs }) });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`receiving ${datatype} data via JSON is not supported`);
  });
});

describe('toFloat16() and toBfloat16()', () => {
  it('round 32-bit floats of all sizes as numpy and ml_dtypes do', async () => {
    const bits = Uint32Array.from({ length: 300_000 }, (_, index) => Math.imul(index, 0x9e3779b1));
    const values = new Float32Array(bits.buffer);
    const rounded = (await runPython('round_by_numpy.py', Buffer.from(values.buffer).toString('base64'))) as string[];
    const [float16 = new Uint16Array(), bfloat16 = new Uint16Array()] = rounded.map((base64) => {
      return new Uint16Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
    });
    // As values, since each library has a NaN of its own.
    expect(fromFloat16(toFloat16(values))).toEqual(fromFloat16(float16));
    expect(fromBfloat16(toBfloat16(values))).toEqual(fromBfloat16(bfloat16));
  });
});

/** A tensor with its data as base64, so that a difference of one bit shows. */
function facts(tensor: AnyTensor) {
  return { datatype: tensor.datatype, shape: tensor.shape, elements: base64Of(tensor) };
}

/** The elements of BYTES one by one, the data of any other datatype as one. */
function base64Of({ datatype, data }: AnyTensor): string[] {
  const parts = datatype === 'BYTES' ? data : [data];
  return parts.map(({ buffer, byteOffset, byteLength }) => {
    return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  });
}
