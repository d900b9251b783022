import { TestEnvironment } from 'jest-environment-node';
import sharp from 'sharp';

/** jest gives each test file its own typed arrays; native addons (onnxruntime-node) accept the outer ones only. */
const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

export default class SharedTypedArraysEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const constructor of TYPED_ARRAYS) this.global[constructor.name] = constructor;
    // libvips is one in a process, but each test file is to begin as a fresh process does: no loader is blocked.
    sharp.unblock({ operation: ['VipsForeignLoad'] });
  }
}
