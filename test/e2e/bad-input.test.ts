import { readFileSync } from 'node:fs';
import { multiRequest, PREDICT, sampleFace } from '../helpers/face-bodies.js';
import { type RunningService, startService } from '../helpers/start-service.js';
import { onePlainPng } from '../helpers/make-pictures.js';

describe('bad input', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService(['--predictor_host', 'embedded']);
    await service.untilReady();
  });
  afterAll(() => service.stop());
  afterEach(async () => {
    const { status } = await service.post(PREDICT, multiRequest(['base_q92.jpg']));
    expect(status).toBe(200);
  });

  const jpeg = sampleFace('base_q92.jpg');
  const asItem = (bytes: Uint8Array) => ({ multi_data: [{ data: { item: Buffer.from(bytes).toString('base64') } }] });

  it.each([
    ['what is no picture', asItem(Buffer.from('hello world')), 422, 'multi_data[0].data.item: not a picture'],
    [
      'a truncated picture',
      asItem(jpeg.subarray(0, 20_000)),
      422,
      'multi_data[0].data.item: truncated or damaged JPEG',
    ],
    [
      'a picture cut within its header',
      asItem(jpeg.subarray(0, 10)),
      422,
      'multi_data[0].data.item: truncated or damaged',
    ],
    [
      'an empty picture',
      { multi_data: [{ data: { item: '' } }] },
      422,
      'multi_data[0].data.item: the picture is empty',
    ],
    ['base64 that is none', { instances: ['%%%'] }, 400, 'instances[0]: expected the picture as base64'],
    ['a 20000×20000 picture', asItem(onePlainPng(20_000, 20_000)), 413, 'the limit is 50000000 pixels'],
    ['an SVG', asItem(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')), 422, 'it looks like SVG'],
    ['a picture by URL', { instances: ['http://127.0.0.1/face.jpg'] }, 403, 'pictures by URL are not allowed'],
    ['text instead of JSON', 'multi_data', 400, 'neither a JSON object'],
    [
      '10,000 items',
      { multi_data: Array(10_000).fill({ data: { item: 'aGk=' } }) },
      413,
      'holds 10000 items, more than the limit of 256',
    ],
  ])('refuses %s and serves the next request', async (_, sent, status, message) => {
    const answer = await service.post(PREDICT, sent);
    expect(answer.body).toEqual({ error: expect.stringContaining(message) });
    expect(answer.status).toBe(status);
  });

  it('refuses a body of 100 MB without keeping it, and serves the next request', async () => {
    const before = residentBytes(service.pid);
    const { status, body } = await service.post(PREDICT, Buffer.alloc(100_000_000, 'a'));
    expect(status).toBe(413);
    expect(body).toEqual({ error: 'The body is larger than the limit of 67108864 bytes (--max_body_bytes)' });
    expect(residentBytes(service.pid) - before).toBeLessThan(100_000_000);
  });

  it('bounds the memory of many large pictures that are small as files', async () => {
    const size = 7000;
    const item = `data:image/png;base64,${onePlainPng(size, size).toString('base64')}`;
    const { status } = await service.post(PREDICT, { instances: Array(12).fill(item) as string[] });
    expect(status).toBe(200);
    // Twelve of them decoded are 1.76 GB; four fit into --pixel_budget, each once in libvips's memory and once in ours.
    expect(peakResidentBytes(service.pid)).toBeLessThan(1_500_000_000);
  });
});

function residentBytes(pid: number): number {
  return statusKib(pid, 'VmRSS') * 1024;
}

function peakResidentBytes(pid: number): number {
  return statusKib(pid, 'VmHWM') * 1024;
}

/** A line of Linux' account of a process, in KiB. */
function statusKib(pid: number, key: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
}
