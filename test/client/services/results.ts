import type { ClientError } from '../../../client/src/index.js';
import type { ServiceResult } from '../../../client/src/services/service.js';

const call = { id: 0, ms: 5, inputs: 1 };

/** The result of an input that was answered, and explained where there is a third argument. */
export function answered<Prediction, Explanation = never>(
  name: string,
  prediction: Prediction,
  explanation?: Explanation,
): ServiceResult<Prediction, Explanation> {
  const answer = { prediction, ...(explanation === undefined ? {} : { explanation }) };
  return { input: { name, bytes: new Uint8Array() }, call, answer };
}

/** The result of an input that was not. */
export function failed(name: string, error: ClientError): ServiceResult<never, never> {
  return { input: { name, bytes: new Uint8Array() }, call, error };
}

/** The rectangles of an SVG by their fill: `none` for boxes, a colour for plates of labels, banners and heat maps. */
export function rectangles(svg: string) {
  return Array.from(svg.matchAll(/<rect ([^>]*)>/g), ([, text = '']) => {
    const read = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(text)?.[1];
    const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => Number(read(name)));
    return { x, y, width, height, fill: read('fill'), stroke: read('stroke'), opacity: read('fill-opacity') };
  });
}
