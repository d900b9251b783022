import { type InferRequest, outputName, type Predictor } from '../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';

const ANCHORS = 4420;
/** Every other output is a row of numbers. */
const DETECT_SHAPES: Readonly<Record<string, readonly number[]>> = { scores: [ANCHORS, 2], boxes: [ANCHORS, 4] };

/** One call as the fake saw it. */
export interface FakeCall {
  readonly model: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly outputs: readonly string[] | undefined;
}

/** How the fake's models behave. */
export interface FakeFaceModels {
  readonly maxBatchSize?: number;
  /** The boxes, as shares of the detector's input, that are found in a picture by the level of its first pixel. */
  readonly boxesAt?: (level: number) => readonly (readonly [number, number, number, number])[];
  /** Awaited before a call is answered. */
  readonly before?: (call: FakeCall) => Promise<void>;
  /** Replaces an output. */
  readonly spoil?: (model: string, name: string, tensor: AnyTensor) => AnyTensor;
}

/**
 * A predictor whose seven models answer by simple rules: the pose is frontal; liveness, an eye's openness and the score
 * of a whole picture are the level of the crop's first pixel / 255.
 */
export function fakeFaceModels(behaviour: FakeFaceModels = {}): { predictor: Predictor; calls: FakeCall[] } {
  const { maxBatchSize = 16, boxesAt = () => [], before, spoil = unspoilt } = behaviour;
  const calls: FakeCall[] = [];

  const answers: Record<string, (item: Float32Array) => Record<string, Float32Array>> = {
    face_detect: ([first = 0]) => detections(boxesAt(Math.round(first * 128 + 127))),
    face_landmark: () => ({ output: landmarkShares() }),
    face_pose: () => ({ output: peak(33), '617': peak(33), '618': peak(33) }),
    face_eye: ([share = 0]) => ({ output: Float32Array.of(0, Math.log(share / (1 - share))) }),
    face_liveness: ([level = 0]) => ({ output: Float32Array.of(Math.log(level / (255 - level)), 0, -100) }),
    face_embedding: () => ({ output: new Float32Array(512).fill(0.2) }),
    face_quality: ([first = 0]) => ({ '1346': Float32Array.of((first * 128 + 127.5) / 255) }),
  };

  const infer = async ({ model, inputs, ...request }: InferRequest) => {
    const outputs = request.outputs?.map(outputName);
    const [input] = inputs.values();
    if (input?.datatype !== 'FP32') throw new TypeError('the input is no FP32 tensor');
    const call = { model, shape: input.shape, data: input.data, outputs };
    calls.push(call);
    await before?.(call);
    const [count = 0] = input.shape;
    const size = input.data.length / count;
    const rows = Array.from({ length: count }, (_, i) => {
      const answer = answers[model]?.(input.data.subarray(i * size, (i + 1) * size));
      if (answer === undefined) throw new TypeError(`no model ${model}`);
      return answer;
    });
    const names = Object.keys(rows[0] ?? {});
    const tensors = names.map((name) => [name, spoil(model, name, stack(rows, name))] as const);
    return { outputs: new Map(tensors) };
  };

  const predictor: Predictor = {
    address: 'fake',
    infer,
    modelInfo: () =>
      Promise.resolve({ name: 'fake', inputs: [], outputs: [], maxBatchSize, versions: [], platform: '' }),
    isModelReady: () => Promise.resolve(true),
    isServerReady: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  };
  return { predictor, calls };
}

function unspoilt(_model: string, _name: string, tensor: AnyTensor): AnyTensor {
  return tensor;
}

function detections(boxes: readonly (readonly number[])[]): Record<string, Float32Array> {
  const scores = Float32Array.from({ length: 2 * ANCHORS }, (_, i) => (i % 2 === 0 ? 1 : 0));
  const places = new Float32Array(4 * ANCHORS);
  boxes.forEach((box, i) => {
    scores.set([0.1, 0.9], 2 * i);
    places.set(box, 4 * i);
  });
  return { scores, boxes: places };
}

/** 68 shares that span the crop, with two eyes and a mouth where a face has them. */
function landmarkShares(): Float32Array {
  const shares = Float32Array.from({ length: 136 }, (_, i) =>
    i % 2 === 0 ? (i / 136) * 0.8 + 0.1 : 0.5 + (i % 7) / 20,
  );
  const place = (indices: readonly number[], x: number, y: number) => {
    for (const index of indices) shares.set([x, y], 2 * index);
  };
  place([36, 37, 38, 39, 40, 41], 0.3, 0.35);
  place([42, 43, 44, 45, 46, 47], 0.7, 0.35);
  place([30], 0.5, 0.55);
  place([48, 60], 0.35, 0.8);
  place([54, 64], 0.65, 0.8);
  place([8], 0.5, 1);
  return shares;
}

function peak(bin: number): Float32Array {
  return Float32Array.from({ length: 66 }, (_, i) => (i === bin ? 100 : 0));
}

function stack(rows: readonly Record<string, Float32Array>[], name: string): AnyTensor {
  const parts = rows.map((row) => row[name] ?? new Float32Array(0));
  const itemShape = DETECT_SHAPES[name] ?? [parts[0]?.length ?? 0];
  return float32Tensor([rows.length, ...itemShape], Float32Array.from(parts.flatMap((part) => [...part])));
}
