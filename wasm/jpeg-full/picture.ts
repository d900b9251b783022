/**
 * Decodes a JPEG of one sequential scan, at full size, to rows of RGB: a band (a row of MCUs) at a time, so that samples
 * and rows are used while they are in the cache. The pixels are those of libjpeg with its accurate inverse DCT and its
 * "fancy" upsampling, bit for bit.
 *
 * First `setComponent` for each component, then `begin`, and then `nextRows` until there are no more.
 */
import { rgbOfGrey, rgbOfHalvedYcc, rgbOfPlanes, rgbOfYcc } from './colour';
import { BLOCK_PX, Component } from './component';
import {
  beginSegment,
  clear,
  coefficients,
  decodeBlock,
  isOverrun,
  isUsedUp,
  markerBehind,
  OVERRUN_BYTES,
} from './entropy';
import { huffmanTable } from './huffman';
import { idct8, idct8Of1, idct8Of15 } from './idct8';
import { loadQuantization } from './quantization';

/** The most blocks of an MCU: ITU-T T.81, B.2.3. */
const MAX_BLOCKS = 10;
const MAX_COMPONENTS = 3;

/** As many coefficients, the first in zigzag order, are transformed in less time. */
const FEW = 15;

// Markers of ITU-T T.81, table B.1.
const FIRST_RESTART: u32 = 0xd0;
const END_OF_IMAGE: u32 = 0xd9;

/** A block of the MCU. */
@unmanaged
class Block {
  component: Component;
  /** Its place in the MCU, in blocks. */
  x: i32;
  y: i32;
  /** Where its samples go. */
  target: usize;
}

const COMPONENT_BYTES = offsetof<Component>();
const BLOCK_BYTES = offsetof<Block>();
const components = memory.data(MAX_COMPONENTS * offsetof<Component>(), 16);
const blocks = memory.data(MAX_BLOCKS * offsetof<Block>(), 16);

let componentCount = 0;
let blocksEnd: usize = 0;
let isYcc = false;
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

/** Where the entropy-coded bytes are written to, downwards, and the end of the bytes of the picture. */
let top: usize = 0;
let sourceEnd: usize = 0;
let source: usize = 0;

function componentAt(index: i32): Component {
  return changetype<Component>(components + <usize>index * COMPONENT_BYTES);
}

/**
 * @param index counted from 0, in the order of the scan
 * @param across blocks of an MCU, 1 to 4
 * @param down the same
 * @param quantisers 64 in zigzag order, of one byte each or, as `is16Bit` tells, two
 * @param dcCodes 16 counts and the symbols, as in a DHT segment
 * @param acCodes the same
 * @returns are the codes such as 8-bit pictures may have?
 */
export function setComponent(
  index: i32,
  across: i32,
  down: i32,
  quantisers: usize,
  is16Bit: bool,
  dcCodes: usize,
  acCodes: usize,
): bool {
  const component = componentAt(index);
  component.across = across;
  component.down = down;
  component.quantization = loadQuantization(index, quantisers, is16Bit);
  component.dc = huffmanTable(index, dcCodes, true);
  component.ac = huffmanTable(index, acCodes, false);
  return component.dc != 0 && component.ac != 0;
}

/**
 * Begins a picture of one component (grey) or three.
 * @param withYcc are three components Y, Cb and Cr, not red, green and blue?
 * @param interval MCUs between restart markers; 0 if there are none
 * @param scan the first byte behind the scan's header
 * @param end behind the picture's last byte, where a marker stands and then 16 bytes more
 * @param free from where on memory may be used
 * @returns up to where it will be; 0 if a component is to be enlarged by a fraction
 */
export function begin(
  width: i32,
  height: i32,
  count: i32,
  withYcc: bool,
  interval: i32,
  scan: usize,
  end: usize,
  free: usize,
): usize {
  let maxAcross = 0;
  let maxDown = 0;
  for (let i = 0; i < count; i++) {
    maxAcross = max(maxAcross, componentAt(i).across);
    maxDown = max(maxDown, componentAt(i).down);
  }
  componentCount = count;
  isYcc = withYcc;
  pictureWidth = width;
  pictureHeight = height;
  bandRows = maxDown * BLOCK_PX;
  mcusAcross = divideUp(width, maxAcross * BLOCK_PX);
  bandCount = divideUp(height, bandRows);
  band = 0;
  lag = 0;
  restartInterval = interval;
  untilRestart = interval;
  restarts = 0;
  source = scan;
  sourceEnd = end;
  top = (free + OVERRUN_BYTES + (end - scan) + 15) & ~15;
  let at = top;
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
    addBlocks(component);
  }
  return at;
}

/** The most rows that `nextRows` gives. */
export function maxRows(): i32 {
  return bandRows + lag;
}

/**
 * Decodes the next band.
 * @param target where its rows go; up to 49 bytes are written behind the last
 * @param stride bytes from row to row
 * @param planeBytes bytes from a row's red to its green and from that to its blue; 0 for interleaved pixels
 * @returns how many rows there are; 0 when all rows have been given; −1 when the bytes are not as they should be
 */
export function nextRows(target: usize, stride: usize, planeBytes: usize): i32 {
  if (band == bandCount) return 0;
  if (band == 0) {
    clear();
    startSegment();
  } else if (lag != 0) {
    for (let i = 0; i < componentCount; i++) componentAt(i).keepLastRow();
  }
  const isLast = band == bandCount - 1;
  if (!decodeBand() || (isLast && !isAtMarker(END_OF_IMAGE))) {
    band = bandCount;
    return -1;
  }
  for (let i = 0; i < componentCount; i++) componentAt(i).extendEdges(band);
  const first = band == 0 ? 0 : -lag;
  const end = isLast ? pictureHeight - band * bandRows : bandRows - lag;
  for (let y = first; y < end; y++, target += stride) convertRow(y, target, planeBytes);
  band++;
  return end - first;
}

function divideUp(a: i32, b: i32): i32 {
  return (a + b - 1) / b;
}

function addBlocks(component: Component): void {
  for (let y = 0; y < component.down; y++) {
    for (let x = 0; x < component.across; x++, blocksEnd += BLOCK_BYTES) {
      const block = changetype<Block>(blocksEnd);
      block.component = component;
      block.x = x;
      block.y = y;
    }
  }
}

function convertRow(y: i32, target: usize, planeBytes: usize): void {
  const first = componentAt(0);
  const luma = first.fullRow(y);
  if (componentCount == 1) return rgbOfGrey(luma, target, planeBytes, pictureWidth);
  const second = componentAt(1);
  const third = componentAt(2);
  if (isYcc && second.isHalved && third.isHalved) {
    const cb = second.nearRow(y);
    const cr = third.nearRow(y);
    return rgbOfHalvedYcc(luma, cb, second.farRow(y), cr, third.farRow(y), target, planeBytes, pictureWidth);
  }
  if (isYcc) rgbOfYcc(luma, second.fullRow(y), third.fullRow(y), target, planeBytes, pictureWidth);
  else rgbOfPlanes(luma, second.fullRow(y), third.fullRow(y), target, planeBytes, pictureWidth);
}

function startSegment(): void {
  beginSegment(source, top);
  for (let i = 0; i < componentCount; i++) componentAt(i).prediction = 0;
}

/** Has the segment been used up, and is that marker next? */
function isAtMarker(marker: u32): bool {
  const at = markerBehind();
  return isUsedUp() && at + 2 <= sourceEnd && load<u8>(at, 1) == marker;
}

function restart(): bool {
  if (!isAtMarker(FIRST_RESTART + (restarts & 7))) return false;
  restarts++;
  untilRestart = restartInterval;
  source = markerBehind() + 2;
  startSegment();
  return true;
}

function decodeBand(): bool {
  for (let at = blocks; at < blocksEnd; at += BLOCK_BYTES) {
    const block = changetype<Block>(at);
    const component = block.component;
    block.target = component.samples + <usize>(block.y * BLOCK_PX) * component.stride + block.x * BLOCK_PX;
  }
  for (let mcu = 0; mcu < mcusAcross; mcu++) {
    if (restartInterval != 0) {
      if (untilRestart == 0 && !restart()) return false;
      untilRestart--;
    }
    for (let at = blocks; at < blocksEnd; at += BLOCK_BYTES) {
      const block = changetype<Block>(at);
      const component = block.component;
      const last = decodeBlock(component);
      if (last > 63) return false;
      const target = block.target;
      block.target = target + component.across * BLOCK_PX;
      if (last == 0) idct8Of1(coefficients, component.quantization, target, component.stride);
      else if (last < FEW) idct8Of15(coefficients, component.quantization, target, component.stride);
      else idct8(coefficients, component.quantization, target, component.stride);
    }
    if (isOverrun()) return false;
  }
  return true;
}
