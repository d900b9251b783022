import onnxProto from 'onnx-proto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { editModel } from '../../scripts/models/edit.mjs';
import { tinyFixedBatchModel } from './tiny-onnx.js';

const silent = { logSeverityLevel: 4 } as const;
const load = (bytes: Uint8Array) => InferenceSession.create(bytes, silent);
const twoRows = new Tensor('float32', Float32Array.of(1, 2, 3, 4, 3, 0, 4, 0), [2, 4]);

describe('editModel()', () => {
  it('keeps every field when nothing is edited', () => {
    const original = tinyFixedBatchModel();
    const decode = (bytes: Uint8Array) => onnxProto.onnx.ModelProto.decode(bytes).toJSON();
    expect(decode(editModel(original, []))).toEqual(decode(original));
  });

  it('gives the same bytes each time', () => {
    const edit = () => Buffer.from(editModel(tinyFixedBatchModel(), ['dynamic-batch', 'quality-head']));
    expect(edit().equals(edit())).toBe(true);
  });

  describe('dynamic-batch', () => {
    it('lets a model for one item take two', async () => {
      const original = await load(tinyFixedBatchModel());
      await expect(original.run({ input: twoRows })).rejects.toThrow();
      const edited = await load(editModel(tinyFixedBatchModel(), ['dynamic-batch']));
      const { output } = await edited.run({ input: twoRows });
      expect(output?.dims).toEqual([2, 4]);
      expect(output?.data).toEqual(Float32Array.of(2, 4, 6, 8, 6, 0, 8, 0));
    });

    it('names the free dimension, drops kept shapes, and lists true inputs alone', () => {
      const { graph } = onnxProto.onnx.ModelProto.decode(editModel(tinyFixedBatchModel(), ['dynamic-batch']));
      const firstDim = (value: onnxProto.onnx.IValueInfoProto | undefined) => value?.type?.tensorType?.shape?.dim?.[0];
      expect(graph?.input?.map(({ name }) => name)).toEqual(['input']);
      expect(firstDim(graph?.input?.[0])?.dimParam).toBe('batch');
      expect(firstDim(graph?.output?.[0])?.dimParam).toBe('batch');
      expect(graph?.valueInfo).toEqual([]);
      expect(graph?.initializer?.map(({ name }) => name)).toEqual(['back', 'two']);
    });
  });

  describe('flush-tiny-weights', () => {
    const { FLOAT, INT64 } = onnxProto.onnx.TensorProto.DataType;
    const bytesOf = (numbers: Float32Array | BigInt64Array) => new Uint8Array(numbers.buffer);
    const weights = [1e-40, -9e-13, 0, 1.1e-12, -2];

    function flushed(tensor: onnxProto.onnx.ITensorProto) {
      const model = onnxProto.onnx.ModelProto.fromObject({ graph: { name: 'tiny', initializer: [tensor] } });
      const edited = editModel(onnxProto.onnx.ModelProto.encode(model).finish(), ['flush-tiny-weights']);
      return onnxProto.onnx.ModelProto.decode(edited).graph?.initializer?.[0];
    }

    it('sets weights under 1e-12 to 0, wherever the file keeps them, and leaves the others', () => {
      const expected = [0, 0, 0, Math.fround(1.1e-12), -2];
      const inRaw = flushed({ name: 'raw', dataType: FLOAT, rawData: bytesOf(Float32Array.from(weights)) });
      expect([...new Float32Array(Uint8Array.from(inRaw?.rawData ?? []).buffer)]).toEqual(expected);
      const inList = flushed({ name: 'list', dataType: FLOAT, floatData: weights });
      expect(inList?.floatData).toEqual(expected);
      expect(Object.hasOwn(inList ?? {}, 'rawData')).toBe(false);
    });

    it('leaves tensors of integers as they are', () => {
      const shape = bytesOf(BigInt64Array.of(1n, -1n));
      const kept = flushed({ name: 'shape', dataType: INT64, rawData: shape });
      expect([...(kept?.rawData ?? [])]).toEqual([...shape]);
    });
  });

  describe('quality-head', () => {
    it('renames the input and puts the length of the embedding through a logistic', async () => {
      const scorer = await load(editModel(tinyFixedBatchModel(), ['dynamic-batch', 'quality-head']));
      expect(scorer.inputNames).toEqual(['input.1']);
      expect(scorer.outputNames).toEqual(['1346']);
      const result = await scorer.run({ 'input.1': twoRows });
      const score = result['1346'];
      expect(score?.dims).toEqual([2, 1]);
      // The embedding is twice the input; centre and width as calibrated.
      const expected = [2 * Math.hypot(1, 2, 3, 4), 10].map((length) => 1 / (1 + Math.exp((2.151 - length) / 1.03)));
      for (const [i, value] of expected.entries()) expect(score?.data[i]).toBeCloseTo(value, 5);
    });
  });
});
