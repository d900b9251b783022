import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';
import { npmCommand } from '../../scripts/npm.mjs';
import { compilePrograms } from '../helpers/compile-programs.js';
import { type FakeTriton, startFakeTriton } from '../helpers/fake-triton.js';

const run = promisify(execFile);

/** What somebody who installed the package writes; types are given where TypeScript is to check them. */
const PROGRAM = `
import { createTritonClient, ServiceError, type TritonClient, type TritonInferResult } from 'kserve-transformer/triton';

const client: TritonClient = createTritonClient(process.argv[2] ?? '');
const data = Float32Array.of(1, 2, 3, 4);
const result: TritonInferResult = await client.infer({
  model: 'identity',
  inputs: { input: { datatype: 'FP32', shape: [1, 4], data } },
});
const output = result.outputs.get('output');
if (output?.datatype !== 'FP32') throw new Error('no FP32 output');
const refusal: unknown = await client.infer({ model: 'identity', inputs: { output } }).catch((error: unknown) => error);
if (!(refusal instanceof ServiceError)) throw new Error('no ServiceError');
console.log(JSON.stringify({ numbers: [...output.data], code: refusal.code }));
await client.close();
`;

/**
 * The packed package as a consumer has it, but for its dependencies, which come from this project's node_modules: the
 * consumer's folder stands inside of the project, so that nothing has to be downloaded.
 */
describe('The packed package', () => {
  let folder: string;
  let triton: FakeTriton;
  beforeAll(async () => {
    await mkdir('.cache', { recursive: true });
    folder = path.resolve(await mkdtemp('.cache/consumer-'));
    const npm = npmCommand();
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await run(npm.command, [...npm.args, ...pack], { maxBuffer: 2 ** 24 });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    const installed = path.join(folder, 'node_modules', 'kserve-transformer');
    await mkdir(installed, { recursive: true });
    await extract({ file: path.join(folder, filename), cwd: installed, strip: 1 });
    await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(path.join(folder, 'program.ts'), PROGRAM);
    triton = await startFakeTriton();
  });
  afterAll(async () => {
    await triton.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('holds what it runs on, and no leavings of the build', async () => {
    const files = await readdir(path.join(folder, 'node_modules/kserve-transformer'), { recursive: true });
    const own = files.filter((file) => !file.startsWith('node_modules'));
    for (const file of [
      'LICENSE',
      'README.md',
      'dist/index.js',
      'protos/grpc_service.proto',
      'vocabularies/bert-uncased.txt',
    ])
      expect(own).toContain(file);
    expect(own.filter((file) => /\.map$|tsbuildinfo|\.test\./.test(file))).toEqual([]);
    expect(files).toContain('node_modules/common-data-type/dist/index.js');
  });

  it('compiles and runs a program that calls a Triton over HTTP and gRPC', async () => {
    expect(await compilePrograms(folder, ['program.ts'])).toBe('');
    for (const address of [triton.httpAddress, triton.grpcAddress]) {
      const { stdout } = await run(process.execPath, [path.join(folder, 'program.js'), address]);
      expect(JSON.parse(stdout)).toEqual({ numbers: [1, 2, 3, 4], code: 'invalid_argument' });
    }
  });

  it('starts the service by its command', async () => {
    const installed = path.join(folder, 'node_modules/kserve-transformer');
    const manifest = JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8')) as { bin: object };
    const [command] = Object.values(manifest.bin).map((file) => path.join(installed, String(file)));
    const { stdout } = await run(process.execPath, [String(command), '--help']);
    expect(stdout).toContain('--predictor_host');
  });
});
