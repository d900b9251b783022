import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { expectPlates, goldenPlates, samplePlateNames, samplePlates } from '../helpers/golden-plates.js';
import { connectGrpc, type GrpcClient } from '../helpers/grpc-client.js';
import { type RunningService, startService } from '../helpers/start-service.js';

const PREDICT = '/v1/models/license_plate:predict';
const INFER = '/v2/models/license_plate/infer';
const { modelSha256, pictures } = goldenPlates();
const BAD = samplePlates('not_a_picture.jpg');

function named(name: string) {
  const found = pictures.find((picture) => picture.name === name);
  if (found === undefined) throw new TypeError(`no sample ${name}`);
  return found;
}

describe('the plate service on embedded models', () => {
  let service: RunningService;
  let grpc: GrpcClient;
  beforeAll(async () => {
    service = await startService(['--model_name', 'license_plate']);
    await service.untilReady();
    const { grpcPort } = await service.line(({ msg }) => msg === 'listening');
    grpc = connectGrpc(`127.0.0.1:${String(grpcPort)}`);
  });
  afterAll(async () => {
    grpc.close();
    expect(await service.stop()).toBe(0);
  });

  const predictionsOf = async (instances: readonly unknown[]) => {
    const { status, body } = await service.post(PREDICT, { instances });
    expect(status).toBe(200);
    return (body as { predictions: unknown[] }).predictions;
  };

  it.each(Object.entries(modelSha256))('runs the %s that the golden values are of', (model, sha256) => {
    const bytes = readFileSync(new URL(`../../triton-models/${model}/1/model.onnx`, import.meta.url));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  });

  it('has golden values of every sample that is a picture', () => {
    expect([...pictures.map(({ name }) => name), 'not_a_picture.jpg'].sort()).toEqual(samplePlateNames().sort());
  });

  it('answers all samples in one request as Pillow, numpy and onnxruntime do', async () => {
    const predictions = await predictionsOf(pictures.map(({ bytes }) => ({ b64: bytes.toString('base64') })));
    expect(predictions).toHaveLength(pictures.length);
    pictures.forEach(({ plates }, i) => expectPlates(predictions[i], plates));
  });

  it('reads what was drawn, also from a picture that EXIF turns, and nothing where there is nothing', async () => {
    const predictions = await predictionsOf(pictures.map(({ bytes }) => bytes.toString('base64')));
    const read = predictions.map((plates) => (plates as { text: string }[]).map(({ text }) => text).sort());
    expect(read).toEqual(pictures.map(({ drawn }) => [...drawn].sort()));
    expect(named('turned.jpg').drawn).toHaveLength(1);
    expect(named('no_plate.jpg').drawn).toHaveLength(0);
    expect(named('two_plates.jpg').drawn).toHaveLength(2);
  });

  it('takes a bare picture', async () => {
    const { bytes, plates } = named('one_line.jpg');
    const { body } = await service.post(PREDICT, bytes, { 'content-type': 'image/jpeg' });
    const [answer] = (body as { predictions: unknown[] }).predictions;
    expectPlates(answer, plates);
  });

  it('keeps a bad picture’s error in its place, on V1', async () => {
    const { bytes, plates } = named('two_line.jpg');
    const [first, second, third] = await predictionsOf([bytes, BAD, bytes].map((sent) => sent.toString('base64')));
    expectPlates(first, plates);
    expect(second).toEqual({
      error: { code: 'unprocessable', message: expect.stringMatching(/^instances\[1\]: not a picture/) as string },
    });
    expect(third).toEqual(first);
  });

  it('answers V2 in JSON, a bad picture in its place', async () => {
    const { bytes, plates } = named('two_plates.jpg');
    const data = [bytes, BAD].map((sent) => sent.toString('base64'));
    const { status, body } = await service.post(INFER, {
      id: 'a',
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [2], data }],
    });
    expect(status).toBe(200);
    const { outputs, ...rest } = body as { outputs: { data: string[] }[] };
    expect(rest).toMatchObject({ model_name: 'license_plate', id: 'a' });
    expect(outputs).toEqual([{ name: 'response', datatype: 'BYTES', shape: [2], data: expect.any(Array) as string[] }]);
    const [good, bad] = outputs[0]?.data.map((text) => JSON.parse(text) as unknown) ?? [];
    expectPlates(good, plates);
    expect(bad).toEqual({
      error: {
        code: 'unprocessable',
        message: expect.stringMatching(/^inputs\[0\]\.data\[1\]: not a picture/) as string,
      },
    });
  });

  it('takes and answers V2’s binary tensors', async () => {
    const { bytes, plates } = named('small.jpg');
    const element = Buffer.concat([lengthOf(bytes), bytes]);
    const head = JSON.stringify({
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: element.byteLength } }],
      parameters: { binary_data_output: true },
    });
    const answer = await fetch(service.url + INFER, {
      method: 'POST',
      body: Buffer.concat([Buffer.from(head), element]),
      headers: { 'inference-header-content-length': String(head.length) },
    });
    expect(answer.status).toBe(200);
    const received = Buffer.from(await answer.arrayBuffer());
    const headLength = Number(answer.headers.get('inference-header-content-length'));
    // One element of BYTES: its length in 4 bytes, then the JSON.
    expectPlates(JSON.parse(received.subarray(headLength + 4).toString('utf8')), plates);
  });

  it('answers gRPC', async () => {
    const { bytes, plates } = named('turned.jpg');
    const cut = bytes.subarray(0, 9000);
    const { status, response } = await grpc.call('ModelInfer', {
      model_name: 'license_plate',
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [2] }],
      raw_input_contents: [Buffer.concat([lengthOf(bytes), bytes, lengthOf(cut), cut])],
    });
    expect(status).toBe('OK');
    const { raw_output_contents } = response as { raw_output_contents: Buffer[] };
    const [good, bad] = elementsOf(raw_output_contents[0] ?? Buffer.alloc(0));
    expectPlates(JSON.parse(good ?? ''), plates);
    expect(JSON.parse(bad ?? '')).toEqual({
      error: { code: 'unprocessable', message: expect.stringContaining('truncated or damaged JPEG') as string },
    });
  });

  it('refuses what is no picture at all, on every protocol', async () => {
    expect(await service.post(PREDICT, { instances: [BAD.toString('base64')] })).toEqual({
      status: 422,
      body: { error: expect.stringMatching(/^instances\[0\]: not a picture/) as string },
    });
    expect(await service.post(PREDICT, { instances: [{ picture: 'AAAA' }] })).toMatchObject({ status: 400 });
    const inputs = (datatype: string, data: unknown[]) => ({ inputs: [{ name: 'image', datatype, shape: [1], data }] });
    expect(await service.post(INFER, inputs('BYTES', [BAD.toString('base64')]))).toMatchObject({ status: 422 });
    expect(await service.post(INFER, inputs('FP32', [1]))).toEqual({
      status: 400,
      body: { error: expect.stringContaining('expected one BYTES tensor "image"') as string },
    });
    const infer = (input: object, raw: Buffer) =>
      grpc.call('ModelInfer', { model_name: 'license_plate', inputs: [input], raw_input_contents: [raw] });
    const image = { name: 'image', datatype: 'BYTES', shape: [1] };
    expect(await infer(image, Buffer.concat([lengthOf(BAD), BAD]))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      // Text among raw bytes is taken for base64.
      message: expect.stringMatching(/^inputs\[0\]\.data\[0\]: expected the picture as base64/) as string,
    });
    expect(await infer({ ...image, datatype: 'FP32' }, Buffer.alloc(4))).toMatchObject({ status: 'INVALID_ARGUMENT' });
  });

  it('logs the time of both models, and counts the plates', async () => {
    const before = await plateCount(service);
    const { bytes } = named('two_plates.jpg');
    await service.post(PREDICT, { instances: [bytes.toString('base64')] }, { 'x-request-id': 'plates-1' });
    const line = await service.line(({ requestId }) => requestId === 'plates-1');
    expect(Object.keys(line['stagesMs'] as object)).toEqual(
      expect.arrayContaining(['decode', 'preprocess', 'plate_detector', 'plate_reader', 'postprocess']),
    );
    expect((await plateCount(service)) - before).toBe(2);
  });
});

describe('a plate service for other symbols', () => {
  it('is not answered by a reader of other tokens, which is told', async () => {
    const service = await startService([
      '--model_name=license_plate',
      '--plate_symbols=A,B,C,D,E',
      '--plate-regions=none',
    ]);
    try {
      await service.untilReady();
      const { bytes } = named('one_line.jpg');
      expect(await service.post(PREDICT, { instances: [bytes.toString('base64')] })).toEqual({
        status: 502,
        body: {
          error:
            'Model plate_reader is none for plates: expected output characters [B,T,16] (1 blank, 10 digits, 5 symbols, 0 regions), received [B,9,73]',
        },
      });
    } finally {
      await service.stop();
    }
  });
});

async function plateCount(service: RunningService): Promise<number> {
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  return Number(/^.*what="plates".* (\d+)$/m.exec(metrics)?.[1] ?? 0);
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.byteLength);
  return length;
}

function elementsOf(bytes: Buffer): string[] {
  const elements: string[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    elements.push(bytes.subarray(at + 4, end).toString('utf8'));
    at = end;
  }
  return elements;
}
