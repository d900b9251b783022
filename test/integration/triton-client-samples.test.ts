import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { compileSamples, type CompiledSamples, samplesOf } from '../docs/samples.js';
import { type OwnTriton, startOwnTriton } from './real-triton.js';

const run = promisify(execFile);
const samples = await samplesOf('docs/triton-client.md');

describe('The samples of docs/triton-client.md on a real Triton', () => {
  let triton: OwnTriton;
  let compiled: CompiledSamples;
  beforeAll(async () => {
    // Models may be loaded and unloaded, and nobody else counts calls or changes settings.
    triton = await startOwnTriton({
      from: ['test/fixtures/models', 'test/fixtures/triton-models'],
      args: ['--model-control-mode=explicit', '--load-model=*'],
    });
    compiled = await compileSamples(samples.map(({ code }) => withAddresses(code, triton)));
  });
  afterAll(async () => {
    await triton.close();
    await rm(compiled.folder, { recursive: true });
  });

  it.each(samples.map((sample, index) => [sample.title, index, sample] as const))(
    '%s (%i) prints what it says',
    async (_, index, { prints }) => {
      const { stdout } = await run(process.execPath, [String(compiled.programs[index])], { timeout: 30_000 });
      expect(stdout.trimEnd().split('\n')).toEqual(prints);
    },
  );
});

function withAddresses(code: string, triton: OwnTriton): string {
  return code.replaceAll('localhost:8000', triton.address('http')).replaceAll('localhost:8001', triton.address('grpc'));
}
