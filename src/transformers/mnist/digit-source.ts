import { itemBytes } from '../../imaging/source.js';
import { LongText } from '../../long-text.js';
import { type EncodedSource, openSource } from '../encoded-picture.js';
import type { Item, Opened, RequestContext, TransformerServices } from '../transformer.js';
import { centreGrey, centrePictureJob } from './centre.js';
import { readGreyValues } from './grey-values.js';
import type { MnistOptions } from './options.js';
import { GREY_SAMPLE, whiteOnBlack } from './preprocess.js';
import { SIDE } from './size.js';

/** A digit as its client sent it: grey values of 0 to 1, a picture to be decoded whole, or one to be stretched. */
export type DigitSource =
  | (Opened & { readonly kind: 'grey'; readonly grey: Float32Array })
  | (Opened & { readonly kind: 'centred'; readonly encoded: Uint8Array })
  | (EncodedSource & { readonly kind: 'stretched' });

/** Reads an item's form, and of a picture its header. Throws as openSource and readGreyValues. */
export async function openDigit(
  item: Item,
  services: TransformerServices,
  { context, options }: { readonly context: RequestContext; readonly options: MnistOptions },
): Promise<DigitSource> {
  const grey = readGreyValues(item.value);
  if (grey !== undefined) return { kind: 'grey', grey, pixels: 0 };
  const source = await openSource(item, services, context);
  const { encoded, header } = source;
  const isOfModelsSize = header.widthPx === SIDE && header.heightPx === SIDE;
  if (!isCentred(options, isOfModelsSize)) return { kind: 'stretched', ...source };
  const bytes = encoded instanceof LongText ? itemBytes(encoded) : encoded;
  return { kind: 'centred', encoded: bytes, pixels: header.pixels };
}

/**
 * Makes a digit as the model knows them: `[28, 28]`, white on black, 0 to 1.
 * @param memory as Transformer.decode says
 */
export async function decodeDigit(
  source: DigitSource,
  { sampler, workers, resize }: TransformerServices,
  what: { readonly options: MnistOptions; readonly signal: AbortSignal; readonly memory: Uint8Array },
): Promise<Float32Array> {
  const { options, signal, memory } = what;
  const invert = options.mnist_invert;
  if (source.kind === 'grey') {
    return isCentred(options, true)
      ? centreGrey({ widthPx: SIDE, heightPx: SIDE, grey: source.grey }, invert)
      : whiteOnBlack(source.grey, invert);
  }
  if (source.kind === 'centred') {
    const picture = await sampler.decode(source.encoded, memory, { signal });
    return workers.run(centrePictureJob, { picture, invert }, { signal });
  }
  return whiteOnBlack(await sampler.sample(source, { spec: GREY_SAMPLE, resize }, { signal }), invert);
}

function isCentred({ mnist_center: center }: MnistOptions, isOfModelsSize: boolean): boolean {
  return center === 'auto' ? !isOfModelsSize : center === 'always';
}
