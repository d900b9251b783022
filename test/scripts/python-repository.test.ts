import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { derivePythonRepository, withPythonBackend } from '../../scripts/triton/repository.mjs';

describe('derivePythonRepository()', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'python-repository-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('runs each model by model.py and keeps the rest, in a folder made anew', async () => {
    const to = path.join(folder, 'to');
    await mkdir(path.join(to, 'left-over'), { recursive: true });
    const models = await derivePythonRepository({ from: ['test/fixtures/models'], to });

    expect(models).toEqual(['identity', 'two_outputs']);
    expect((await readdir(to)).sort()).toEqual(models);
    expect((await readdir(path.join(to, 'identity', '1'))).sort()).toEqual(['model.onnx', 'model.py']);
    const original = await readFile('test/fixtures/models/identity/config.pbtxt', 'utf8');
    const derived = await readFile(path.join(to, 'identity', 'config.pbtxt'), 'utf8');
    expect(derived).toBe(original.replace('"onnxruntime"', '"python"'));
  });

  it('copies a model that is Python already as it is', async () => {
    const to = path.join(folder, 'to');
    await derivePythonRepository({ from: ['test/fixtures/triton-models'], to });
    for (const file of ['config.pbtxt', '1/model.py']) {
      const original = await readFile(path.join('test/fixtures/triton-models/copy', file), 'utf8');
      expect(await readFile(path.join(to, 'copy', file), 'utf8')).toBe(original);
    }
  });

  it('runs TorchScript by a program of its own, and leaves it out where there is no PyTorch', async () => {
    const [from, to] = [path.join(folder, 'from'), path.join(folder, 'to')];
    await mkdir(path.join(from, 'script', '1'), { recursive: true });
    await writeFile(path.join(from, 'script', 'config.pbtxt'), 'platform: "pytorch_libtorch"');
    await writeFile(path.join(from, 'script', '1', 'model.pt'), 'weights');
    expect(await derivePythonRepository({ from: [from], to })).toEqual(['script']);
    expect(await readFile(path.join(to, 'script', 'config.pbtxt'), 'utf8')).toBe('backend: "python"');
    expect(await readFile(path.join(to, 'script', '1', 'model.pt'), 'utf8')).toBe('weights');
    expect(await readFile(path.join(to, 'script', '1', 'model.py'), 'utf8')).toContain('torch.jit.load');
    expect(await derivePythonRepository({ from: [from], to, withoutTorch: true })).toEqual([]);
  });

  it('leaves out what is not built', async () => {
    const from = path.join(folder, 'from');
    await mkdir(path.join(from, 'not_built'), { recursive: true });
    await writeFile(path.join(from, 'not_built', 'config.pbtxt'), 'backend: "onnxruntime"');
    expect(await derivePythonRepository({ from: [from], to: path.join(folder, 'to') })).toEqual([]);
  });
});

describe('withPythonBackend()', () => {
  it.each([
    'backend: "onnxruntime"',
    'platform: "onnxruntime_onnx"',
    'backend: "pytorch"',
    'platform: "pytorch_libtorch"',
  ])('replaces %s', (line) => {
    expect(withPythonBackend(`name: "m"\n${line}\nmax_batch_size: 8\n`)).toBe(
      'name: "m"\nbackend: "python"\nmax_batch_size: 8\n',
    );
  });

  it('refuses a model of another backend', () => {
    expect(() => withPythonBackend('platform: "ensemble"')).toThrow(
      'This model configuration names no onnxruntime or PyTorch backend:\nplatform: "ensemble"',
    );
  });
});
