import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createTritonClient } from '../../src/predictor/triton/create-triton-client.js';
import { REGION_PREFIX } from '../../src/predictor/triton/shared-memory/region-file.js';
import {
  type SharedMemoryClient,
  type SharedMemoryOptions,
  withSharedMemory,
} from '../../src/predictor/triton/shared-memory/shared-memory-client.js';
import { bytesOfTensor } from '../../src/oip/tensor-bytes.js';
import type { TritonClient } from '../../src/predictor/triton/triton-client.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';
import { type OwnTriton, type Protocol, startOwnTriton, tritonAddress } from './real-triton.js';

const MODELS = ['test/fixtures/models', 'test/fixtures/triton-models'];

/** More than this Triton reads from an HTTP body without dying of it (4 MB), and what one picture of 640×640 takes. */
const LARGE = 1_228_800;

/** Every bit of it tells where it stands. */
function numbers(count: number, first = 0): AnyTensor {
  return float32Tensor(
    [count],
    Float32Array.from({ length: count }, (_, index) => first + index),
  );
}

/** The names that this process's regions have in /dev/shm. */
function regionNames(): string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith(`${REGION_PREFIX}${process.pid}-`));
}

/** Another process that makes calls through shared memory, the first of which is done. */
async function startOther(address: string): Promise<{ finish(): Promise<{ calls: number }> }> {
  const program = fileURLToPath(new URL('shared-memory-process.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, address], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect(await lines.next()).toEqual({ done: false, value: 'ready' });
  return {
    finish: async () => {
      child.stdin.end();
      const { value } = await lines.next();
      return JSON.parse(String(value)) as { calls: number };
    },
  };
}

/** An answer's bytes; many times faster to compare than its elements. */
function bytes(tensor: AnyTensor | undefined): Buffer {
  return tensor === undefined ? Buffer.alloc(0) : Buffer.from(bytesOfTensor(tensor));
}

describe.each<Protocol>(['http', 'grpc'])('shared memory with a real Triton over %s', (protocol) => {
  let triton: TritonClient;
  let shared: SharedMemoryClient;
  let warnings: string[];

  const connect = (address: string, options: SharedMemoryOptions = {}) => {
    warnings = [];
    triton = createTritonClient(`${protocol}://${address}`, { timeoutMs: 20_000 });
    const logger = { warn: (_: object, message: string) => warnings.push(message) };
    shared = withSharedMemory(triton, { logger, ...options });
  };
  const copy = async (input: AnyTensor, options: { signal?: AbortSignal } = {}) => {
    const outputByteSizes = { OUTPUT0: bytesOfTensor(input).byteLength };
    const request = { model: 'copy', inputs: { INPUT0: input }, outputs: ['OUTPUT0'] };
    const result = await shared.infer(request, { outputByteSizes, ...options });
    const isSame = bytes(result.outputs.get('OUTPUT0')).equals(bytes(input));
    result.release();
    return isSame;
  };
  /** The server's regions of this process. */
  const registered = async () => {
    const regions = await triton.systemSharedMemory();
    return regions.filter(({ name }) => name.startsWith(`${REGION_PREFIX}${process.pid}-`));
  };

  describe('of a test run', () => {
    beforeEach(() => connect(tritonAddress(protocol)));

    afterEach(async () => {
      await shared.close();
      await triton.close();
    });

    it('carries 4.8 MB there and back, bit for bit, and leaves no name in /dev/shm', async () => {
      expect(await copy(numbers(LARGE))).toBe(true);
      expect(await registered()).toHaveLength(1);
      expect(regionNames()).toEqual([]);
      expect(warnings).toEqual([]);
    });

    it("takes the outputs' sizes from the model's metadata, of a batch too", async () => {
      connect(tritonAddress(protocol), { minBytes: 1 });
      const input = float32Tensor(
        [3, 4],
        Float32Array.from({ length: 12 }, (_, index) => index - 5),
      );
      const result = await shared.infer({ model: 'two_outputs', inputs: { input }, outputs: ['product', 'sum'] });
      const plain = await triton.infer({ model: 'two_outputs', inputs: { input }, outputs: ['product', 'sum'] });
      expect([...result.outputs]).toEqual([...plain.outputs]);
      expect(await registered()).toHaveLength(1);
    });

    it('carries BYTES', async () => {
      connect(tritonAddress(protocol), { minBytes: 1 });
      const data = [Buffer.from([0, 255, 0]), Buffer.alloc(0), Buffer.from('é'.repeat(50_000))];
      const input: AnyTensor = { datatype: 'BYTES', shape: [1, 3], data };
      const request = { model: 'every_datatype', inputs: { BYTES_IN: input }, outputs: ['BYTES_OUT'] };
      const result = await shared.infer(request, { outputByteSizes: { BYTES_OUT: 300_000 } });
      const output = result.outputs.get('BYTES_OUT');
      expect(output?.shape).toEqual([1, 3]);
      expect(bytes(output).equals(bytes(input))).toBe(true);
    });

    it("says what an output's size has to be", async () => {
      const request = { model: 'copy', inputs: { INPUT0: numbers(LARGE) }, outputs: ['OUTPUT0'] };
      await expect(shared.infer(request, { outputByteSizes: { OUTPUT0: 100_000 } })).rejects.toMatchObject({
        code: 'invalid_argument',
        message: 'outputByteSizes.OUTPUT0 must be at least 4915200 for this request; received 100000',
      });
    });

    it('does not use a region again while a cancelled call is still executed, and lets go of it afterwards', async () => {
      connect(tritonAddress(protocol), { minBytes: 1 });
      const scores = (first: number) => float32Tensor([1, 3], Float32Array.of(first, 2, 3));
      const infer = (first: number, busyMs: number, signal?: AbortSignal) => {
        const inputs = { SCORES_IN: scores(first) };
        const request = {
          model: 'request_extensions',
          inputs,
          outputs: ['SCORES_OUT'],
          parameters: { busy_ms: busyMs },
        };
        return shared.infer(request, signal === undefined ? {} : { signal });
      };
      await infer(0, 0);
      const names = async () => (await registered()).map(({ name }) => name);
      const abandoned = await names();
      await expect(infer(1, 500, AbortSignal.timeout(200))).rejects.toMatchObject({ code: 'cancelled' });
      expect(await names()).toEqual(abandoned);
      const next = await infer(2, 0);
      expect(next.outputs.get('SCORES_OUT')).toEqual(scores(2));
      const isLeft = async () => (await names()).some((name) => abandoned.includes(name));
      while (await isLeft()) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await names()).toHaveLength(1);
      await shared.close();
      expect(await registered()).toEqual([]);
    });

    it('gives everything back after 1,000 calls, over HTTP many of them cancelled at any moment', async () => {
      let done = 0;
      let cancelled = 0;
      // Cancelled gRPC calls end this Triton by SIGSEGV every now and then, shared memory or not: triton-inference-server
      // issues 7368 and 8034, mended in 25.01.
      const isCancelled = (call: number) => protocol === 'http' && call % 3 === 0;
      const caller = async (first: number) => {
        for (let call = first; call < 1000; call += 8) {
          const cancelling = new AbortController();
          const timer = isCancelled(call) ? setTimeout(() => cancelling.abort(), Math.random() * 8) : undefined;
          try {
            expect(await copy(numbers(20_000 + (call % 5) * 1000, call), { signal: cancelling.signal })).toBe(true);
            done += 1;
          } catch (error) {
            expect(error).toMatchObject({ code: 'cancelled' });
            cancelled += 1;
          }
          clearTimeout(timer);
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, first) => caller(first)));
      expect(done + cancelled).toBe(1000);
      if (protocol === 'http') expect(cancelled).toBeGreaterThan(50);
      else expect(cancelled).toBe(0);
      expect(regionNames()).toEqual([]);
      await shared.close();
      expect(await registered()).toEqual([]);
      expect(warnings).toEqual([]);
    }, 60_000);

    it('is kept apart from that of another process', async () => {
      const other = await startOther(`${protocol}://${tritonAddress(protocol)}`);
      for (let call = 0; call < 100; call++) expect(await copy(numbers(50_000, call))).toBe(true);
      const { calls, ...rest } = await other.finish();
      expect(rest).toEqual({ wrong: 0, warnings: [] });
      expect(calls).toBeGreaterThan(1);
    });
  });

  describe('that is killed and started again', () => {
    let own: OwnTriton;
    beforeAll(async () => {
      own = await startOwnTriton({ from: MODELS });
      connect(own.address(protocol));
    }, 120_000);

    afterAll(async () => {
      await shared.close();
      await triton.close();
      await own.close();
    });

    it('is given its regions anew', async () => {
      await Promise.all([1, 2, 3].map((first) => copy(numbers(50_000, first))));
      await own.kill();
      await expect(copy(numbers(50_000))).rejects.toMatchObject({ code: 'unavailable' });
      await own.restart();
      expect(await registered()).toEqual([]);
      const isSame = await Promise.all([4, 5, 6].map((first) => copy(numbers(50_000, first))));
      expect(isSame).toEqual([true, true, true]);
      expect((await registered()).length).toBeGreaterThan(0);
      expect(warnings).toEqual([]);
      expect(regionNames()).toEqual([]);
    }, 120_000);
  });
});
