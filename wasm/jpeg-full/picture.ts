/**
 * Decodes a baseline JPEG of one scan, at full size, to rows of RGB: a band (a row of MCUs) at a time, so that samples
 * and rows are used while they are in the cache.
 *
 * First `setQuantizationTable` and `setHuffmanTable`, then `setComponent` for each component, then `begin`, and then
 * `nextRows` until there are no more.
 */
import { rgbOfGrey, rgbOfPlanes, rgbOfYcc } from './colour';
import { Component } from './component';
import { END_OF_BLOCK, entryAt, tableAt, valueOf } from './huffman';
import { idct8, idct8Of1, idct8Of4 } from './idct8';
import { PADDING, segmentEnd, turnSegment } from './scan-bytes';

const BLOCK: i32 = 8;
/** The most blocks of an MCU: ITU-T T.81, B.2.3. */
const MAX_BLOCKS = 10;

/** Behind the last coefficient: what goes too far is written there, before that is seen. */
const B: u8 = 128;

/** Where a coefficient stands in its block, in bytes, by its place in zigzag order (ITU-T T.81, figure A.6). */
// prettier-ignore
const places = memory.data<u8>([
  0, 2, 16, 32, 18, 4, 6, 20, 34, 48, 64, 50, 36, 22, 8, 10,
  24, 38, 52, 66, 80, 96, 82, 68, 54, 40, 26, 12, 14, 28, 42, 56,
  70, 84, 98, 112, 114, 100, 86, 72, 58, 44, 30, 46, 60, 74, 88, 102,
  116, 118, 104, 90, 76, 62, 78, 92, 106, 120, 122, 108, 94, 110, 124, 126,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
]);
/** Zero between blocks, but for what went too far. */
const coefficients = memory.data(144, 16);

/** Coefficients from here on lie outside of the first four of the first four rows. */
const BEYOND_4 = 10;

/** How samples become RGB. */
const GREY = 0;
const YCC = 1;
// Otherwise the components are red, green and blue.

/** A block of the MCU: how it is coded, and where its samples go. */
@unmanaged
class Block {
  dc: usize;
  ac: usize;
  component: Component;
  /** Its place in the MCU, in blocks. */
  x: i32;
  y: i32;
  target: usize;
}

const COMPONENT_BYTES = offsetof<Component>();
const BLOCK_BYTES = offsetof<Block>();

const quantizationTables = memory.data(512, 16);
const components = memory.data(256, 16);
const blocks = memory.data(512, 16);

let componentCount = 0;
let blocksEnd: usize = 0;
let colours = 0;
let pictureHeight = 0;
let pictureWidth = 0;
let mcusAcross = 0;
let bandRows = 0;
let bandCount = 0;
/** The bands that are decoded. */
let band = 0;
/** Is a band's last row to wait for the next band? */
let lag = 0;

let restartInterval = 0;
let untilRestart = 0;
let restarts = 0;

let source: usize = 0;
let sourceEnd: usize = 0;
let turnedTop: usize = 0;
let turnedBottom: usize = 0;
/** The next bits, the first in the highest place; how many there are; where the next eight bytes are to be loaded. */
let heldBits: u64 = 0;
let heldCount: i32 = 0;
let nextLoad: usize = 0;

function componentAt(index: i32): Component {
  return changetype<Component>(components + index * COMPONENT_BYTES);
}

/**
 * @param table 0 to 3
 * @param values 64 in zigzag order, of one byte or of two, the higher first
 */
export function setQuantizationTable(table: i32, values: usize, isWide: bool): void {
  const target = quantizationTables + 128 * table;
  for (let i: usize = 0; i < 64; i++) {
    const value = isWide ? bswap(load<u16>(values + 2 * i)) : load<u8>(values + i);
    store<u16>(target + load<u8>(places + i), value);
  }
}

/**
 * @param index counted from 0, in the order of the scan
 * @param across blocks of an MCU, 1 to 4
 * @param down the same
 * @param tables numbers of the tables for quantization, DC and AC, 0 to 3, four bits each from the lowest
 */
export function setComponent(index: i32, across: i32, down: i32, tables: i32): void {
  const component = componentAt(index);
  component.across = across;
  component.down = down;
  component.quantization = quantizationTables + 128 * (tables & 15);
  component.dc = tableAt((tables >> 4) & 15);
  component.ac = tableAt(4 + (tables >> 8));
}

/**
 * Begins a picture of one component (grey) or three.
 * @param isYcc are three components Y, Cb and Cr, not red, green and blue?
 * @param interval MCUs between restarts; 0 if there are none
 * @param scan the first byte behind the scan's header
 * @param end behind the last byte that there is
 * @param free from where on memory may be used
 * @returns up to where it will be; 0 if the picture has sampling factors that are not supported
 */
export function begin(
  width: i32, height: i32, count: i32, isYcc: bool, interval: i32, scan: usize, end: usize, free: usize,
): usize {
  let maxAcross = 0;
  let maxDown = 0;
  for (let i = 0; i < count; i++) {
    maxAcross = max(maxAcross, componentAt(i).across);
    maxDown = max(maxDown, componentAt(i).down);
  }
  componentCount = count;
  colours = count == 1 ? GREY : isYcc ? YCC : YCC + 1;
  pictureWidth = width;
  pictureHeight = height;
  bandRows = maxDown * BLOCK;
  mcusAcross = divideUp(width, maxAcross * BLOCK);
  bandCount = divideUp(height, bandRows);
  band = 0;
  lag = 0;
  restartInterval = interval;
  untilRestart = interval;
  restarts = 0;
  source = scan;
  sourceEnd = end;
  turnedTop = ((free + PADDING + (end - scan) + 15) & ~15) + 16;
  let at = turnedTop;
  blocksEnd = blocks;
  for (let i = 0; i < count; i++) {
    const component = componentAt(i);
    if (maxAcross % component.across != 0 || maxDown % component.down != 0) return 0;
    component.scaleX = maxAcross / component.across;
    component.scaleY = maxDown / component.down;
    component.width = divideUp(width * component.across, maxAcross);
    component.height = divideUp(height * component.down, maxDown);
    at = component.layOut(at, mcusAcross);
    if (component.isFilteredY) lag = 1;
    if (!addBlocks(component)) return 0;
  }
  return at;
}

/**
 * Decodes the next band.
 * @param target where its rows go, of which there are at most `maxRows()`; up to 49 bytes are written behind the last
 * @param stride bytes from row to row
 * @returns how many rows there are; 0 when all rows have been given; −1 when the bytes are not as they should be
 */
export function nextRows(target: usize, stride: usize): i32 {
  if (band == bandCount) return 0;
  if (band == 0) {
    memory.fill(coefficients, 0, 128);
    startSegment();
  } else if (lag != 0) {
    for (let i = 0; i < componentCount; i++) componentAt(i).keepLastRow();
  }
  if (!decodeBand()) return -1;
  for (let i = 0; i < componentCount; i++) componentAt(i).extendEdges(band);
  const first = band == 0 ? 0 : -lag;
  const isLast = band == bandCount - 1;
  if (isLast && !isAtEnd()) return -1;
  const end = isLast ? pictureHeight - band * bandRows : bandRows - lag;
  for (let y = first; y < end; y++, target += stride) convertRow(y, target);
  band++;
  return end - first;
}

/** The most rows that `nextRows` gives. */
export function maxRows(): i32 {
  return bandRows + lag;
}

function divideUp(a: i32, b: i32): i32 {
  return (a + b - 1) / b;
}

function addBlocks(component: Component): bool {
  if (<i32>(blocksEnd - blocks) / BLOCK_BYTES + component.across * component.down > MAX_BLOCKS) return false;
  for (let y = 0; y < component.down; y++) {
    for (let x = 0; x < component.across; x++, blocksEnd += BLOCK_BYTES) {
      const block = changetype<Block>(blocksEnd);
      block.component = component;
      block.dc = component.dc;
      block.ac = component.ac;
      block.x = x;
      block.y = y;
    }
  }
  return true;
}

function convertRow(y: i32, target: usize): void {
  const first = componentAt(0).fullRow(y);
  if (colours == GREY) return rgbOfGrey(first, target, pictureWidth);
  const second = componentAt(1).fullRow(y);
  const third = componentAt(2).fullRow(y);
  if (colours == YCC) rgbOfYcc(first, second, third, target, pictureWidth);
  else rgbOfPlanes(first, second, third, target, pictureWidth);
}

function startSegment(): void {
  turnedBottom = turnedTop - turnSegment(source, sourceEnd, turnedTop);
  nextLoad = turnedTop - 8;
  heldBits = 0;
  heldCount = 0;
  for (let i = 0; i < componentCount; i++) componentAt(i).prediction = 0;
}

/** Have all bits been used but those that fill up the last byte? */
function isUsedUp(): bool {
  const left = 8 * <i32>(nextLoad + 8 - turnedBottom) + heldCount;
  return left >= 0 && left < 8;
}

function isAtMarker(marker: i32): bool {
  return segmentEnd + 2 <= sourceEnd && load<u8>(segmentEnd) == 0xff && load<u8>(segmentEnd, 1) == marker;
}

function isAtEnd(): bool {
  return isUsedUp() && isAtMarker(0xd9);
}

function restart(): bool {
  if (!isUsedUp() || !isAtMarker(0xd0 + (restarts & 7))) return false;
  restarts++;
  untilRestart = restartInterval;
  source = segmentEnd + 2;
  startSegment();
  return true;
}

function decodeBand(): bool {
  for (let at = blocks; at < blocksEnd; at += BLOCK_BYTES) {
    const block = changetype<Block>(at);
    const component = block.component;
    block.target = component.samples + block.y * BLOCK * component.stride + block.x * BLOCK;
  }
  for (let mcu = 0; mcu < mcusAcross; mcu++) {
    if (restartInterval != 0) {
      if (untilRestart == 0 && !restart()) return false;
      untilRestart--;
    }
    for (let at = blocks; at < blocksEnd; at += BLOCK_BYTES) {
      const block = changetype<Block>(at);
      const component = block.component;
      const last = decodeBlock(block);
      if (last > 63) return false;
      const target = block.target;
      block.target = target + component.across * BLOCK;
      if (last == 0) idct8Of1(coefficients, component.quantization, target, component.stride);
      else if (last < BEYOND_4) idct8Of4(coefficients, component.quantization, target, component.stride);
      else idct8(coefficients, component.quantization, target, component.stride);
    }
    if (nextLoad + 16 < turnedBottom) return false;
  }
  return true;
}

/**
 * Decodes the coefficients of a block.
 * @returns the last one's place in zigzag order that may not be zero; beyond 63 when the bytes are damaged
 */
// @ts-ignore: a decorator
@inline
function decodeBlock(block: Block): i32 {
  let bits = heldBits | (load<u64>(nextLoad) >> heldCount);
  let at = nextLoad - ((63 - heldCount) >> 3);
  let count = heldCount | 56;
  let entry = entryAt(block.dc, bits);
  const component = block.component;
  component.prediction += valueOf(entry, bits);
  store<i16>(coefficients, component.prediction);
  bits <<= entry & 63;
  count -= entry & 63;
  let last: i32 = (entry >> 8) & 255;
  const ac = block.ac;
  // 56 bits are enough for two symbols with their values, of at most 16 + 10 or 16 + 11 bits.
  while (last < 63) {
    entry = entryAt(ac, bits);
    last += (entry >> 8) & 255;
    store<i16>(coefficients + load<u8>(places + last), valueOf(entry, bits));
    bits <<= entry & 63;
    count -= entry & 63;
    if (last >= 63) break;
    bits |= load<u64>(at) >> count;
    at -= (63 - count) >> 3;
    count |= 56;
    entry = entryAt(ac, bits);
    last += (entry >> 8) & 255;
    store<i16>(coefficients + load<u8>(places + last), valueOf(entry, bits));
    bits <<= entry & 63;
    count -= entry & 63;
  }
  heldBits = bits;
  heldCount = count;
  nextLoad = at;
  return last & END_OF_BLOCK ? last ^ END_OF_BLOCK : last;
}
