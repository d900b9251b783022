/** The picture that is drawn on, and how many of its pixels make one pixel of the original. */
export interface Canvas {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scale: number;
}

/** A rectangle of a canvas, in its pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A line's width as a share of the picture's longer side. */
const LINE_SHARE = 1 / 250;

/** How wide lines are on a canvas: at least 2 pixels. */
export function lineWidth({ widthPx, heightPx }: Canvas): number {
  return Math.max(2, Math.max(widthPx, heightPx) * LINE_SHARE);
}

/** The rectangle between two corners; of no size where the second is not right of and below the first. */
export function toRectangle(
  [left, top, right, bottom]: readonly [number, number, number, number],
  scale: { readonly x: number; readonly y: number },
): Rectangle {
  // SVG refuses negative sizes, which only a confused service would cause.
  const [width, height] = [Math.max(0, right - left), Math.max(0, bottom - top)];
  return { x: left * scale.x, y: top * scale.y, width: width * scale.x, height: height * scale.y };
}

/** A rectangle as the attributes of an element of SVG. */
export function attributes({ x, y, width, height }: Rectangle): string {
  return Object.entries({ x, y, width, height })
    .map(([name, value]) => `${name}="${value.toFixed(1)}"`)
    .join(' ');
}

/** A document of this size with these elements. */
export function toSvg(elements: string, { widthPx, heightPx }: Pick<Canvas, 'widthPx' | 'heightPx'>): string {
  const size = `width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${elements}</svg>`;
}
