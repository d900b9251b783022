import type { JpegComponent, JpegFrame } from './headers/jpeg-frame.js';
import type { PixelKernels } from './pixel-kernels.js';

/** How a component is decoded. */
export interface ScaledComponent {
  readonly component: JpegComponent;
  /** Its blocks become `size` × `size` pixels: 1, 2, 4 or 8. */
  readonly size: number;
  /** Of each of these pixels `repeatX` × `repeatY` of the picture are to be made. */
  readonly repeatX: number;
  readonly repeatY: number;
}

/** A component's pixels in the kernels' memory, and how much of them the picture covers. */
export interface Plane {
  readonly data: number;
  /** A multiple of 16. */
  readonly stride: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The kernels load as many bytes at once, also at the end of the last row. */
const LOAD_BYTES = 16;
const INT_BYTES = 4;

/**
 * How a component is scaled, as libjpeg does: where it is sampled at half the picture's rate both ways, its blocks are
 * decoded at twice the size, which is sharper than to enlarge it afterwards.
 * @param size of a block at the picture's rate: 1, 2 or 4
 */
export function scaleComponent(frame: JpegFrame, component: JpegComponent, size: number): ScaledComponent {
  const rate = (of: number) => ({
    repeatX: (frame.maxAcross * size) / (component.across * of),
    repeatY: (frame.maxDown * size) / (component.down * of),
  });
  let own = size;
  while (own < 8 && rate(own).repeatX % 2 === 0 && rate(own).repeatY % 2 === 0) own *= 2;
  return { component, size: own, ...rate(own) };
}

/** How many units of blocks a picture has. */
export function unitsOf(frame: JpegFrame): { perRow: number; rows: number } {
  return {
    perRow: Math.ceil(frame.widthPx / (8 * frame.maxAcross)),
    rows: Math.ceil(frame.heightPx / (8 * frame.maxDown)),
  };
}

/** The size of a component's plane, blocks beyond the picture's edges included. */
export function planeSize(frame: JpegFrame, { component, size }: ScaledComponent) {
  const units = unitsOf(frame);
  const stride = roundUp(units.perRow * component.across * size);
  return { stride, byteLength: stride * units.rows * component.down * size + LOAD_BYTES };
}

/** Makes room for a component's plane. */
export function createPlane(kernels: PixelKernels, frame: JpegFrame, scaled: ScaledComponent): Plane {
  const { component, size } = scaled;
  const { stride, byteLength } = planeSize(frame, scaled);
  const share = (length: number, factor: number, max: number) => Math.ceil((length * factor * size) / (max * 8));
  return {
    data: kernels.scratch(byteLength),
    stride,
    widthPx: share(frame.widthPx, component.across, frame.maxAcross),
    heightPx: share(frame.heightPx, component.down, frame.maxDown),
  };
}

/** How many bytes a plane takes that has a pixel for each of the picture's. */
export function wholePlaneBytes({ widthPx, heightPx }: { widthPx: number; heightPx: number }): number {
  return roundUp(widthPx + 1) * heightPx + LOAD_BYTES;
}

/**
 * Makes of a component's plane one that has a pixel for each of the picture's: smoothly where libjpeg does so, which is
 * where it has just half the width or half the height, and blocks are more than a pixel.
 */
export function wholePlane(
  kernels: PixelKernels,
  { plane, scaled: { repeatX, repeatY } }: { plane: Plane; scaled: ScaledComponent },
  to: { widthPx: number; heightPx: number; isSmooth: boolean },
): Plane {
  if (repeatX === 1 && repeatY === 1) return plane;
  const { exports } = kernels;
  const { widthPx, heightPx, isSmooth } = to;
  const whole = { data: kernels.scratch(wholePlaneBytes(to)), stride: roundUp(widthPx + 1), widthPx, heightPx };
  const [source, target] = [storePlane(kernels, plane), storePlane(kernels, whole)];
  // libjpeg's own bound: two pixels have no neighbours on both sides.
  if (isSmooth && repeatX === 2 && repeatY === 1 && plane.widthPx > 2) exports.doubleWidth(source, target);
  else if (isSmooth && repeatX === 1 && repeatY === 2) exports.doubleHeight(source, target);
  else exports.repeatPixels(source, target, repeatX, repeatY);
  return whole;
}

/** Writes 32-bit numbers to memory of their own. */
export function storeInts(kernels: PixelKernels, values: readonly number[]): number {
  const address = kernels.scratch(values.length * INT_BYTES);
  kernels.views().ints.set(values, address / INT_BYTES);
  return address;
}

/** In the order of the kernels' class Plane. */
function storePlane(kernels: PixelKernels, { data, stride, widthPx, heightPx }: Plane): number {
  return storeInts(kernels, [data, stride, widthPx, heightPx]);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / LOAD_BYTES) * LOAD_BYTES;
}
