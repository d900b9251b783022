import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const FLOAT = onnx.TensorProto.DataType.FLOAT;
const INT64 = onnx.TensorProto.DataType.INT64;

/**
 * A model for one item per call, with all that keeps such a model from taking more: `input` [1, 4] → Reshape by a
 * constant node to [1, 2, 2] → Reshape by an initialiser back to [1, -1] → times 2 → `output` [1, 4]. The initialisers
 * are listed among the inputs, as older exporters do, and the value in between has a kept shape.
 */
export function tinyFixedBatchModel(): Uint8Array {
  const shape = (dims: readonly number[]) => ({ dim: dims.map((dimValue) => ({ dimValue })) });
  const value = (name: string, elemType: number, dims: readonly number[]) => ({
    name,
    type: { tensorType: { elemType, shape: shape(dims) } },
  });
  const initializer = [
    { name: 'back', dataType: INT64, dims: [2], int64Data: [1, -1] },
    { name: 'two', dataType: FLOAT, dims: [1], floatData: [2] },
  ];
  const square = { dataType: INT64, dims: [3], rawData: new Uint8Array(BigInt64Array.of(1n, 2n, 2n).buffer) };
  const graph = {
    name: 'tiny',
    initializer,
    input: [value('input', FLOAT, [1, 4]), value('back', INT64, [2]), value('two', FLOAT, [1])],
    output: [value('output', FLOAT, [1, 4])],
    valueInfo: [value('squared', FLOAT, [1, 2, 2])],
    node: [
      {
        opType: 'Constant',
        output: ['square'],
        attribute: [{ name: 'value', type: onnx.AttributeProto.AttributeType.TENSOR, t: square }],
      },
      { opType: 'Reshape', input: ['input', 'square'], output: ['squared'] },
      { opType: 'Reshape', input: ['squared', 'back'], output: ['flat'] },
      { opType: 'Mul', input: ['flat', 'two'], output: ['output'] },
    ],
  };
  const model = { irVersion: 4, opsetImport: [{ domain: '', version: 9 }], producerName: 'test', graph };
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
}
