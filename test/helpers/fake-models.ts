import type { WaitingRoom } from './waiting-room.js';

/** A tensor as it stands on the wire. */
export interface WireTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** Triton's own words for what went wrong; each protocol has its status for them. */
export class TritonError extends Error {
  readonly kind: 'INVALID_ARG' | 'NOT_FOUND' | 'UNAVAILABLE' | 'INTERNAL';

  constructor(kind: TritonError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  /** Without the batch dimension, as in config.pbtxt. */
  readonly dims: readonly number[];
}

export interface FakeModel {
  readonly maxBatchSize: number;
  readonly isReady: boolean;
  readonly input: TensorSpec;
  readonly outputs: readonly TensorSpec[];
  readonly run: (input: WireTensor) => Promise<readonly WireTensor[]>;
}

export const DATATYPES = [
  ['BOOL', 1],
  ['UINT8', 1],
  ['UINT16', 2],
  ['UINT32', 4],
  ['UINT64', 8],
  ['INT8', 1],
  ['INT16', 2],
  ['INT32', 4],
  ['INT64', 8],
  ['FP16', 2],
  ['BF16', 2],
  ['FP32', 4],
  ['FP64', 8],
  ['BYTES', 0],
] as const;

/** The shape that metadata show: the batch dimension first where the model batches. */
export function fullShape({ maxBatchSize }: FakeModel, { dims }: TensorSpec): number[] {
  return maxBatchSize > 0 ? [-1, ...dims] : [...dims];
}

/** The one version of every model. */
export const FAKE_VERSION = '1';

export const FAKE_PLATFORM = 'onnxruntime_onnx';

/** What a model is asked. */
export interface ModelCall {
  readonly model: string;
  /** '' leaves the choice to the server. */
  readonly version: string;
  readonly inputs: readonly WireTensor[];
  /** The names of the outputs wanted; all when there are none. */
  readonly wanted: readonly string[];
}

/** Answers as Triton's core does, in its words. */
export async function runModel(
  models: ReadonlyMap<string, FakeModel>,
  { model: name, version, inputs, wanted }: ModelCall,
): Promise<readonly WireTensor[]> {
  const model = findModel(models, name, version);
  if (!model.isReady)
    throw new TritonError('INVALID_ARG', `Request for unknown model: '${name}' has no available versions`);
  const input = inputs[0];
  if (input === undefined || inputs.length > 1) {
    throw new TritonError('INVALID_ARG', `expected 1 inputs but got ${inputs.length} inputs for model '${name}'`);
  }
  checkInput(name, model, input);
  const unknown = wanted.find((output) => !model.outputs.some((spec) => spec.name === output));
  if (unknown !== undefined) {
    throw new TritonError('INVALID_ARG', `unexpected inference output '${unknown}' for model '${name}'`);
  }
  const outputs = await model.run(input);
  return wanted.length === 0 ? outputs : outputs.filter((output) => wanted.includes(output.name));
}

export function findModel(models: ReadonlyMap<string, FakeModel>, name: string, version: string): FakeModel {
  const model = models.get(name);
  if (model !== undefined && ['', FAKE_VERSION].includes(version)) return model;
  const what = model === undefined ? `'${name}'` : `'${name}' version ${version}`;
  throw new TritonError('NOT_FOUND', `Request for unknown model: ${what} is not found`);
}

function checkInput(name: string, model: FakeModel, input: WireTensor): void {
  const { input: spec, maxBatchSize } = model;
  if (input.name !== spec.name) {
    throw new TritonError('INVALID_ARG', `unexpected inference input '${input.name}' for model '${name}'`);
  }
  if (input.datatype !== spec.datatype) {
    const types = `data-type is '${input.datatype}', but model '${name}' expects '${spec.datatype}'`;
    throw new TritonError('INVALID_ARG', `inference input '${input.name}' ${types}`);
  }
  const expected = fullShape(model, spec);
  const fits =
    expected.length === input.shape.length && expected.every((dim, i) => dim === -1 || dim === input.shape[i]);
  if (!fits) {
    const shapes = `Expected [${expected.join(',')}], got [${input.shape.join(',')}]`;
    throw new TritonError('INVALID_ARG', `unexpected shape for input '${input.name}' for model '${name}'. ${shapes}`);
  }
  if (maxBatchSize > 0 && (input.shape[0] ?? 0) > maxBatchSize) {
    throw new TritonError('INVALID_ARG', `inference request batch-size must be <= ${maxBatchSize} for '${name}'`);
  }
}

/** The models of a fake Triton; `slow` waits in the room. */
export function fakeModels(room: WaitingRoom): Map<string, FakeModel> {
  const spec = (name: string, datatype = 'FP32', dims = [4]): TensorSpec => ({ name, datatype, dims });
  const echo = (input: WireTensor) => [{ ...input, name: 'output' }];
  const model = (run: (input: WireTensor) => readonly WireTensor[], changes: Partial<FakeModel> = {}): FakeModel => ({
    maxBatchSize: 8,
    isReady: true,
    input: spec('input'),
    outputs: [spec('output')],
    run: (input) => Promise.resolve(run(input)),
    ...changes,
  });
  const failing = (kind: TritonError['kind'], message: string) =>
    model(() => {
      throw new TritonError(kind, message);
    });
  const mapped = (input: WireTensor, name: string, change: (value: number) => number): WireTensor => {
    const bytes = Buffer.alloc(input.bytes.length);
    for (let at = 0; at < bytes.length; at += 4) bytes.writeFloatLE(change(input.bytes.readFloatLE(at)), at);
    return { ...input, name, bytes };
  };

  return new Map<string, FakeModel>([
    ['identity', model(echo)],
    [
      'two_outputs',
      model((input) => [mapped(input, 'sum', (x) => x + 1), mapped(input, 'product', (x) => x * 2)], {
        outputs: [spec('sum'), spec('product')],
      }),
    ],
    ['unbatched', model(echo, { maxBatchSize: 0, input: spec('input', 'FP32', [1, 4]) })],
    ['large', model(echo, { input: spec('input', 'FP32', [-1]) })],
    ...DATATYPES.map(([datatype]): [string, FakeModel] => [
      `echo_${datatype}`,
      model(echo, { input: spec('input', datatype, [-1]), outputs: [spec('output', datatype, [-1])] }),
    ]),
    [
      'slow',
      model(echo, {
        run: async (input) => {
          await room.enter();
          return echo(input);
        },
      }),
    ],
    ['loading', model(echo, { isReady: false })],
    ['failing', failing('INTERNAL', 'the model said no')],
    ['talkative', failing('INTERNAL', 'x'.repeat(5000))],
    [
      'tracing',
      failing('INTERNAL', 'ValueError: no face in /tmp/1.jpg\n\nAt:\n  /mnt/models/tracing/1/model.py(41): execute\n'),
    ],
    ['overloaded', failing('UNAVAILABLE', 'Exceeds maximum queue size')],
    ['liar_bytes', model((input) => echo({ ...input, bytes: input.bytes.subarray(4) }))],
    ['liar_missing', model(() => [])],
    ['liar_datatype', model((input) => echo({ ...input, datatype: 'FP99' }))],
    ['liar_shape', model((input) => echo({ ...input, shape: [-1, 4] }))],
    ['liar_count', model((input) => echo({ ...input, shape: [1, ...input.shape] }))],
  ]);
}
