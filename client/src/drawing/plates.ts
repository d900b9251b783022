import { attributes, type Canvas, type Rectangle } from './canvas.js';
import { textPath, textWidth } from './stroke-font.js';

/** The height of letters as a share of the picture's longer side: of banners, and of labels where there are few. */
const TEXT_SHARE = 1 / 26;
/** The same where many labels of many letters must find room. */
export const SMALL_TEXT_SHARE = 1 / 44;

/** The ground of a banner that tells of no error. */
const BANNER_COLOUR = '#374151';
const ERROR_COLOUR = '#ef4444';

/** A text in white on a plate of a colour. */
export function drawPlate(text: string, plate: Rectangle, colour: string): string {
  const heightPx = plate.height / 2;
  const path = textPath(text, { x: plate.x + heightPx / 2, y: plate.y + heightPx / 2, heightPx });
  const strokes = `fill="none" stroke-linecap="round" stroke-linejoin="round"`;
  const background = `<rect ${attributes(plate)} fill="${colour}"/>`;
  const halo = `<path d="${path}" ${strokes} stroke="#000" stroke-opacity="0.35" stroke-width="${heightPx / 3}"/>`;
  return `${background}${halo}<path d="${path}" ${strokes} stroke="#fff" stroke-width="${heightPx / 6}"/>`;
}

/** The size of the plate that holds `text`; smaller letters where the picture is too narrow. */
export function plateFor(
  text: string,
  canvas: Canvas,
  textShare: number = TEXT_SHARE,
): { width: number; height: number } {
  const wished = Math.max(canvas.widthPx, canvas.heightPx) * textShare;
  const fullWidth = textWidth(text, wished) + wished;
  const textHeight = wished * Math.min(1, canvas.widthPx / fullWidth, canvas.heightPx / (2 * wished));
  return { width: textWidth(text, textHeight) + textHeight, height: textHeight * 2 };
}

/** A text over the whole width of the lower edge. */
export function drawBanner(text: string, canvas: Canvas, colour: string = BANNER_COLOUR): string {
  const words = text.replaceAll('_', ' ');
  const plate = plateFor(words, canvas);
  return drawPlate(words, { ...plate, x: 0, y: canvas.heightPx - plate.height, width: canvas.widthPx }, colour);
}

/** The banner of a picture that was not answered. */
export function drawErrorBanner(
  error: { code?: string | undefined; status?: number | undefined },
  canvas: Canvas,
): string {
  return drawBanner(`ERROR: ${error.code ?? error.status ?? 'NO ANSWER'}`, canvas, ERROR_COLOUR);
}
