import sharp from 'sharp';
import { type Canvas, toSvg } from '../drawing/canvas.js';

/** Between these, in pixels, lies the longer side of what is drawn: letters need room, and nobody looks at 100 MP. */
const MIN_LONGER_SIDE = 400;
const MAX_LONGER_SIDE = 4096;

const JPEG_QUALITY = 90;

/** How the annotated picture is written. */
export type AnnotatedFormat = 'jpeg' | 'png';

/** What is drawn, as elements of SVG. */
export interface Drawing {
  /** On the picture itself. */
  readonly draw: (canvas: Canvas) => string;
  /** On a white square to the right of it, which is there only when something is to be drawn on it. */
  readonly drawBeside?: ((sidePx: number) => string) | undefined;
}

/**
 * Draws on a picture, and beside it: upright (EXIF applied), on white where transparent, the first frame where there are several. Tiny
 * pictures are enlarged and huge ones reduced; others keep their size. A damaged picture is drawn as far as it can be
 * decoded.
 * @returns the encoded picture
 * @throws Error of sharp when the bytes cannot be decoded at all
 */
export async function annotate(
  bytes: Uint8Array,
  { draw, drawBeside }: Drawing,
  format: AnnotatedFormat,
): Promise<Uint8Array> {
  const picture = sharp(bytes, { failOn: 'none' });
  const { width, height } = (await picture.metadata()).autoOrient;
  const longer = Math.max(width, height);
  const scale = Math.min(MAX_LONGER_SIDE, Math.max(MIN_LONGER_SIDE, longer)) / longer;
  const widthPx = Math.max(1, Math.round(width * scale));
  const heightPx = Math.max(1, Math.round(height * scale));
  const canvas: Canvas = { widthPx, heightPx, scale };
  const sidePx = drawBeside === undefined ? 0 : Math.min(widthPx, heightPx);
  const beside = drawBeside === undefined ? '' : `<g transform="translate(${widthPx} 0)">${drawBeside(sidePx)}</g>`;
  const overlay = Buffer.from(toSvg(draw(canvas) + beside, { widthPx: widthPx + sidePx, heightPx }));
  const drawn = picture
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .resize(widthPx, heightPx, { fit: 'fill' })
    .extend({ right: sidePx, background: '#ffffff' })
    .composite([{ input: overlay, top: 0, left: 0 }]);
  const encoded = format === 'jpeg' ? drawn.jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' }) : drawn.png();
  return encoded.toBuffer();
}
