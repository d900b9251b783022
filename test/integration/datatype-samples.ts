import { createTensor } from '../../src/predictor/triton/tensors/create-tensor.js';
import { type AnyTensor, elementCount, type FixedDatatype, TYPED_ARRAYS } from '../../src/tensor.js';

/** A tensor to be sent to one of the models that give every datatype back. */
export interface Sample {
  /** For the test's name: `FP32 of an empty batch`. */
  readonly what: string;
  readonly model: 'every_datatype' | 'every_datatype_batched';
  readonly tensor: AnyTensor;
}

/** `max_batch_size` of every_datatype_batched. */
const MAX_BATCH = 8;

const everyPattern = (bits: 8 | 16) => Array.from({ length: 2 ** bits }, (_, pattern) => pattern);

const PATTERNS_32 = [0, 1, 0x01020304, 0x7fffffff, 0x80000000, 0xffffffff];
const PATTERNS_64 = [0n, 1n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];

/**
 * Bit patterns of each datatype: all of them where there are few; else the least and the greatest, those that lie beyond
 * what a double can hold, subnormal numbers, both zeros and infinities, quiet and signalling NaNs with a payload.
 */
const PATTERNS = {
  BOOL: Uint8Array.of(0, 1, 1),
  UINT8: Uint8Array.from(everyPattern(8)),
  INT8: Int8Array.from(everyPattern(8)),
  UINT16: Uint16Array.from(everyPattern(16)),
  INT16: Int16Array.from(everyPattern(16)),
  FP16: Uint16Array.from(everyPattern(16)),
  BF16: Uint16Array.from(everyPattern(16)),
  UINT32: Uint32Array.from(PATTERNS_32),
  INT32: Int32Array.from(PATTERNS_32),
  FP32: Uint32Array.of(...PATTERNS_32, 0x3f800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00001, 0x7f800001),
  UINT64: BigUint64Array.from(PATTERNS_64),
  INT64: BigInt64Array.from(PATTERNS_64),
  FP64: BigUint64Array.of(
    ...PATTERNS_64,
    ...[0x3ff0000000000000n, 0x7fefffffffffffffn, 0x7ff0000000000000n, 0xfff0000000000000n],
    ...[0x7ff8000000000001n, 0x7ff0000000000001n],
  ),
} as const satisfies Record<FixedDatatype, ArrayBufferView>;

const ELEMENTS = ['', 'a\0b', '\0', 'é😀', Uint8Array.of(0xff, 0xfe, 0x80), '', 'x'.repeat(70_000), 'end\0'];

/** Every datatype in every batch. */
export const SAMPLES: readonly Sample[] = [...fixedDatatypes().flatMap(samplesOfFixed), ...samplesOfBytes()];

function fixedDatatypes(): FixedDatatype[] {
  return Object.keys(TYPED_ARRAYS) as FixedDatatype[];
}

function samplesOfFixed(datatype: FixedDatatype): Sample[] {
  const { length } = PATTERNS[datatype];
  return samplesOf(datatype, length, (shape) => {
    const pattern = Buffer.from(PATTERNS[datatype].buffer);
    const size = elementCount(shape) * TYPED_ARRAYS[datatype].BYTES_PER_ELEMENT;
    // At the start of a buffer of its own, so that it lies aligned. One datatype, and the array made for it.
    const bytes = Uint8Array.from({ length: size }, (_, index) => pattern[index % pattern.length] ?? 0);
    return { datatype, shape, data: new TYPED_ARRAYS[datatype](bytes.buffer) } as AnyTensor;
  });
}

function samplesOfBytes(): Sample[] {
  return samplesOf('BYTES', ELEMENTS.length, (shape) => {
    const elements = Array.from({ length: elementCount(shape) }, (_, index) => ELEMENTS[index % ELEMENTS.length] ?? '');
    return createTensor('BYTES', shape, elements);
  });
}

function samplesOf(datatype: string, length: number, tensorOf: (shape: number[]) => AnyTensor): Sample[] {
  return [
    { what: `${datatype} of every kind`, model: 'every_datatype', tensor: tensorOf([1, length]) },
    { what: `${datatype} of an empty batch`, model: 'every_datatype', tensor: tensorOf([0, 3]) },
    { what: `${datatype} of empty items`, model: 'every_datatype', tensor: tensorOf([2, 0]) },
    {
      what: `${datatype} of the largest batch`,
      model: 'every_datatype_batched',
      tensor: tensorOf([MAX_BATCH, length]),
    },
  ];
}
