import { Block, decodeBlock1, decodeBlock2, decodeBlock4, decodeBlock8 } from './blocks';
import { MARKER, unstuff } from './unstuff';

/** RST0, the first of eight restart markers that take turns (ITU-T T.81, table B.1). */
const FIRST_RESTART: u32 = 0xd0;

/** What a scan is made of; src/imaging/reduced-jpeg-plan.ts lays it out. */
@unmanaged
class Scan {
  /** The first entropy-coded byte, and the end of the memory that the bytes are written to backwards. */
  source: usize;
  top: usize;
  unitsPerRow: u32;
  unitRows: u32;
  /** How many units there are between restart markers. */
  unitsPerInterval: u32;
  /** Three components' last DC coefficients. */
  dc0: i32;
  dc1: i32;
  dc2: i32;
  /** The blocks of a unit, and the end of them. */
  firstBlock: usize;
  endOfBlocks: usize;
}

/**
 * Decodes a baseline scan into the components' planes.
 * @returns whether it is whole: false when its data end early, hold a code that does not exist, or lack a restart marker
 */
export function decodeScan(scan: Scan): bool {
  const top = scan.top;
  const rows = scan.unitRows;
  const unitsPerRow = scan.unitsPerRow;
  const firstBlock = scan.firstBlock;
  const endOfBlocks = scan.endOfBlocks;
  for (let at = firstBlock; at < endOfBlocks; at += offsetof<Block>()) {
    const block = changetype<Block>(at);
    block.decoder = decoderOf(block.size);
  }
  let end = beginInterval(scan, scan.source);
  let left = scan.unitsPerInterval;
  let position: u32 = 0;
  let restarts: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    for (let column: u32 = 0; column < unitsPerRow; column++) {
      if (left == 0) {
        const marker = load<usize>(MARKER);
        if (<u32>load<u8>(marker, 1) != FIRST_RESTART + (restarts & 7)) return false;
        restarts++;
        end = beginInterval(scan, marker + 2);
        left = scan.unitsPerInterval;
        position = 0;
      }
      left--;
      for (let at = firstBlock; at < endOfBlocks; at += offsetof<Block>()) {
        const block = changetype<Block>(at);
        const target = block.target + column * block.step;
        position = call_indirect<u32>(block.decoder, block, target, top, position);
        if (position > end) return false;
      }
    }
    for (let at = firstBlock; at < endOfBlocks; at += offsetof<Block>()) {
      const block = changetype<Block>(at);
      block.target += block.rowStep;
    }
  }
  return true;
}

/** @returns how many bits there are up to the next marker */
function beginInterval(scan: Scan, source: usize): u32 {
  scan.dc0 = 0;
  scan.dc1 = 0;
  scan.dc2 = 0;
  return (<u32>unstuff(source, scan.top)) << 3;
}

/** The decoder of blocks of a size, as an index of the table of functions. */
function decoderOf(size: u32): u32 {
  if (size == 1) return decodeBlock1.index;
  if (size == 2) return decodeBlock2.index;
  if (size == 4) return decodeBlock4.index;
  return decodeBlock8.index;
}
