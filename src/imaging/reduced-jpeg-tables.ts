import type { PixelKernels } from './pixel-kernels.js';
import type { ScaledComponent } from './reduced-jpeg-planes.js';

/** Of one component, addresses in the kernels' memory. */
export interface ComponentTables {
  readonly dcTable: number;
  readonly acTable: number;
  /** Of AC symbols, several at once: to go over them where a block becomes one pixel, else in pairs. */
  readonly fastTable: number;
  readonly basis: number;
}

/** More than three components' tables take: six of codes (9 KiB), three of several (17 KiB), three of pixels (16 KiB). */
export const MAX_TABLES_BYTES = 256 * 1024;

/** What a coefficient adds to a block is float32. */
const FLOAT_BYTES = 4;

/**
 * Builds components' tables, those that several have in common once.
 * @param source the address of the JPEG's bytes, which are not to be moved
 */
export function createTables(kernels: PixelKernels, source: number) {
  const { scratch, exports } = kernels;
  const built = new Map<string, number>();
  const once = (key: string, byteLength: number, build: (address: number) => void): number => {
    const known = built.get(key);
    if (known !== undefined) return known;
    const address = scratch(byteLength);
    build(address);
    built.set(key, address);
    return address;
  };
  const codeBytes = exports.TABLE_BYTES.value;
  const codes = (at: number, isDc: 0 | 1) =>
    once(`codes ${at}`, codeBytes, (address) => exports.buildTable(address, source + at, isDc));
  const skips = (at: number) =>
    once(`skips ${at}`, exports.SKIP_TABLE_BYTES.value, (address) => exports.buildSkipTable(address, source + at));
  const pairs = (at: number, acTable: number) =>
    once(`pairs ${at}`, exports.PAIR_TABLE_BYTES.value, (address) => exports.buildPairTable(address, acTable));

  return ({ component, size }: ScaledComponent): ComponentTables => {
    const { quantisersAt, has16BitQuantisers, dcCodesAt, acCodesAt } = component;
    const dcTable = codes(dcCodesAt, 1);
    const acTable = codes(acCodesAt, 0);
    const fastTable = size === 1 ? skips(acCodesAt) : size === 8 ? acTable : pairs(acCodesAt, acTable);
    const basis = once(`basis ${quantisersAt} ${size}`, 64 * size * size * FLOAT_BYTES, (address) =>
      exports.buildBasis(address, size, source + quantisersAt, Number(has16BitQuantisers)),
    );
    return { dcTable, acTable, fastTable, basis };
  };
}
