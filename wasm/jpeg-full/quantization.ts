import { PLACES } from './entropy';

/** Three tables of 64 i16, row by row. */
const tables = memory.data(384, 16);

/**
 * Brings a table into the order of blocks.
 * @param index 0 to 2
 * @param quantisers 64 in zigzag order, of one byte each or, as `is16Bit` tells, two
 * @returns the address of 64 i16, row by row
 */
export function loadQuantization(index: i32, quantisers: usize, is16Bit: bool): usize {
  const table = tables + 128 * index;
  for (let i: usize = 0; i < 64; i++) {
    const value = is16Bit ? bswap(load<u16>(quantisers + 2 * i)) : <u16>load<u8>(quantisers + i);
    store<u16>(table + load<u8>(PLACES + i), value);
  }
  return table;
}
