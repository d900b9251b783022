import { area } from '../../imaging/boxes.js';
import type { Picture } from '../../imaging/picture.js';
import type { Logger } from '../../observability/logger.js';
import { type ModelRunner, runOnCrops } from '../image-model.js';
import { regroup, zip } from '../rows.js';
import { toFoundPlates } from './models/plate-detector.js';
import type { PlateReader } from './models/plate-reader.js';
import type { FoundPlate, ReadPlate } from './plate.js';
import type { Prepared } from './preprocess.js';
import { rectifyPlate } from './rectify.js';

/** A picture's plates, largest first, and what it leaves behind when its pixels are no longer needed. */
export interface PlatesOfPicture extends Pick<Picture, 'widthPx' | 'heightPx'> {
  readonly plates: readonly ReadPlate[];
}

/** How plates are read, and what bounds them. */
export interface ReadingHow {
  /** Asked for when there is a plate to read. */
  readonly reader: () => Promise<PlateReader>;
  readonly margin: number;
  /** What is read with less is no plate, or none that can be read. */
  readonly minConfidence: number;
  readonly maxPlates: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Detects the plates of all pictures, then reads all of them together. */
export async function predict(
  runner: ModelRunner,
  { detector, pictures }: Prepared,
  how: ReadingHow,
): Promise<PlatesOfPicture[]> {
  const crops = pictures.map(({ picture, fit }) => ({ picture, ...fit }));
  const candidates = await runOnCrops(runner, detector, crops);
  const found = zip(pictures, candidates).map(([{ picture, fit }, ofPicture]) =>
    largest(toFoundPlates(picture, fit, ofPicture), how).map((plate) => ({ ...plate, picture })),
  );
  const read = found.some((plates) => plates.length > 0) ? await readPlates(runner, found.flat(), how) : [];
  return zip(pictures, regroup(read, found)).map(([{ picture }, plates]) => {
    const { widthPx, heightPx } = picture;
    return { widthPx, heightPx, plates: plates.filter(({ reading }) => reading.confidence >= how.minConfidence) };
  });
}

async function readPlates(
  runner: ModelRunner,
  plates: readonly (FoundPlate & { readonly picture: Picture })[],
  { reader: findReader, margin }: ReadingHow,
): Promise<ReadPlate[]> {
  const reader = await findReader();
  const crops = plates.map((plate) => rectifyPlate(plate, { spec: reader.spec, margin }));
  const readings = await runOnCrops(runner, reader, crops);
  return zip(plates, readings).map(([plate, reading]) => ({ ...plate, reading }));
}

/** The plates by falling area of their boxes, at most so many. */
function largest(plates: readonly FoundPlate[], { maxPlates, logger }: ReadingHow): FoundPlate[] {
  if (plates.length > maxPlates) logger.warn({ plates: plates.length, maxPlates }, 'only the largest plates are read');
  return plates.toSorted((a, b) => area(b.box) - area(a.box)).slice(0, maxPlates);
}
