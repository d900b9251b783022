import type { InferRequest, ModelInfo, Predictor, TensorMetadata } from '../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';

/** A plate that the fake detector finds, in pixels of its input of 32 × 32. */
interface FakePlate {
  readonly box: readonly [number, number, number, number];
  readonly corners?: readonly number[];
  readonly score?: number;
}

/** How the fake's two models behave. */
export interface FakePlateModels {
  readonly hasCorners?: boolean;
  readonly hasShape?: boolean;
  readonly maxBatchSize?: number;
  /** The reader's rows of tokens; 9 where there are no others. */
  readonly rows?: number;
  readonly tokens?: number;
  readonly planes?: 1 | 3;
  /** The plates in a picture, by the level of its first pixel. */
  readonly platesAt?: (level: number) => readonly FakePlate[];
  /** What a rectified plate says, by the level of its first pixel: the index of a token for each row. */
  readonly readingAt?: (level: number) => readonly number[];
  readonly shapeAt?: (level: number) => number;
  /** Replaces an output. */
  readonly spoil?: (name: string, tensor: AnyTensor) => AnyTensor;
  /** Replaces what is said of a model. */
  readonly describe?: (info: ModelInfo) => ModelInfo;
  readonly isModelReady?: (model: string) => boolean;
}

/** One call as the fake saw it. */
export interface PlateCall {
  readonly model: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly outputs: readonly unknown[];
}

const PLACES = 6;
const SIDE = 32;
/** The logit of the token that is read; all others have 0. */
const LOGIT = 8;

/** Models of nine places, of 73 tokens each, that find nothing. */
const PLAIN: Required<FakePlateModels> = {
  hasCorners: true,
  hasShape: true,
  maxBatchSize: 16,
  rows: 9,
  tokens: 73,
  planes: 1,
  platesAt: () => [],
  readingAt: () => [],
  shapeAt: () => 0,
  spoil: (_, tensor) => tensor,
  describe: (info) => info,
  isModelReady: () => true,
};

/** A predictor of the detector `plate_detector` and the reader `plate_reader`, of a few numbers each. */
export function fakePlateModels(behaviour: FakePlateModels = {}): { predictor: Predictor; calls: PlateCall[] } {
  const { hasCorners, hasShape, maxBatchSize, rows, tokens, planes, ...how }: Required<FakePlateModels> = {
    ...PLAIN,
    ...behaviour,
  };
  const calls: PlateCall[] = [];

  const detector: ModelInfo = info('plate_detector', maxBatchSize, {
    inputs: { images: [3, SIDE, SIDE] },
    outputs: { scores: [PLACES], boxes: [PLACES, 4], ...(hasCorners && { corners: [PLACES, 8] }) },
  });
  const reader: ModelInfo = info('plate_reader', maxBatchSize, {
    inputs: { plates: [planes, 8, 16] },
    outputs: { characters: [rows, tokens], ...(hasShape && { shape: [5] }) },
  });
  const models = new Map([detector, reader].map((model) => [model.name, how.describe(model)]));

  const answers: Record<string, (item: Float32Array) => Record<string, number[]>> = {
    plate_detector: ([first = 0]) => {
      const plates = how.platesAt(Math.round(first * 255));
      const at = <T>(index: number, value: (plate: FakePlate) => T, none: T): T =>
        plates[index] === undefined ? none : value(plates[index]);
      const places = Array.from({ length: PLACES }, (_, index) => index);
      return {
        scores: places.map((index) => at(index, ({ score = 0.9 }) => score, 0)),
        boxes: places.flatMap((index) => at(index, ({ box }) => [...box], [0, 0, 0, 0])),
        corners: places.flatMap((index) =>
          at(index, ({ corners, box }) => [...(corners ?? about(box))], about([0, 0, 0, 0])),
        ),
      };
    },
    plate_reader: ([first = 0]) => {
      const level = Math.round(first * 127.5 + 127.5);
      const read = how.readingAt(level);
      const characters = Array.from({ length: rows * tokens }, (_, i) => {
        const row = Math.floor(i / tokens);
        return i % tokens === (read[row] ?? 0) ? LOGIT : 0;
      });
      return { characters, shape: Array.from({ length: 5 }, (_, i) => (i === how.shapeAt(level) ? LOGIT : 0)) };
    },
  };

  const infer = ({ model, inputs, outputs = [] }: InferRequest) => {
    const [input] = inputs.values();
    const described = models.get(model);
    if (input?.datatype !== 'FP32' || described === undefined)
      throw new TypeError(`no FP32 input, or no model ${model}`);
    calls.push({ model, shape: input.shape, data: input.data, outputs });
    const [count = 0] = input.shape;
    const size = input.data.length / count;
    const items = Array.from({ length: count }, (_, i) =>
      answers[model]?.(input.data.subarray(i * size, (i + 1) * size)),
    );
    const tensors = described.outputs.map(({ name, shape }) => {
      const values = items.flatMap((item) => item?.[name] ?? []);
      return [name, how.spoil(name, float32Tensor([count, ...shape.slice(1)], Float32Array.from(values)))] as const;
    });
    return Promise.resolve({ outputs: new Map(tensors) });
  };

  const predictor: Predictor = {
    address: 'fake',
    infer,
    modelInfo: (reference) => {
      const name = typeof reference === 'string' ? reference : reference.model;
      const found = models.get(name);
      return found === undefined ? Promise.reject(new TypeError(`no model ${name}`)) : Promise.resolve(found);
    },
    isModelReady: (reference) =>
      Promise.resolve(how.isModelReady(typeof reference === 'string' ? reference : reference.model)),
    isServerReady: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  };
  return { predictor, calls };
}

function info(
  name: string,
  maxBatchSize: number,
  tensors: Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, readonly number[]>>>>,
): ModelInfo {
  const toMetadata = ([tensor, dims]: [string, readonly number[]]): TensorMetadata => ({
    name: tensor,
    datatype: 'FP32',
    shape: [-1, ...dims],
  });
  return {
    name,
    inputs: Object.entries(tensors.inputs).map(toMetadata),
    outputs: Object.entries(tensors.outputs).map(toMetadata),
    maxBatchSize,
    versions: ['1'],
    platform: '',
  };
}

function about([x1, y1, x2, y2]: readonly [number, number, number, number]): number[] {
  return [x1, y1, x2, y1, x2, y2, x1, y2];
}
