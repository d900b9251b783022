import { createHash } from 'node:crypto';
import type { Item, Opened } from './transformer.js';

/** An item and its place in the request. */
interface ItemPlace {
  readonly index: number;
  readonly item: Item;
}

/** An opened item. */
export interface OpenedItem extends ItemPlace {
  readonly source: Opened;
}

/** What is decoded once, and the items that it is decoded for. */
export interface SharedSource {
  readonly source: Opened;
  /** In the request's order; more than one where items have equal bytes. */
  readonly places: readonly ItemPlace[];
  /** How much memory its decoded form takes. */
  readonly decodedBytes: number;
}

/** What a group may hold at most; one source that is more by itself goes alone. */
export interface GroupLimits {
  readonly bytes: number;
  readonly items: number;
}

/** What a decoded pixel takes in the memory of pictures: RGB, 8 bits each. */
export const BYTES_PER_PIXEL = 3;

/** Decoded pictures begin at whole words, which are copied faster. */
const WORD_BYTES = 8;

/**
 * Puts items of equal bytes together, in the order of their first ones. Only items whose bytes are equally many are
 * hashed, so that a request of different pictures pays nothing, and one of many alike no more than one pass over them.
 */
export function shareSources(items: readonly OpenedItem[]): SharedSource[] {
  const lengths = new Map<number, number>();
  for (const { source } of items) {
    const length = source.bytes?.byteLength ?? 0;
    lengths.set(length, (lengths.get(length) ?? 0) + 1);
  }
  const shared = new Map<unknown, { source: Opened; places: ItemPlace[]; decodedBytes: number }>();
  for (const { index, item, source } of items) {
    const { bytes, pixels } = source;
    const isAlone = bytes === undefined || lengths.get(bytes.byteLength) === 1;
    // An item that is like no other is its own key.
    const key = isAlone ? item : createHash('sha256').update(bytes).digest('base64');
    const found = shared.get(key);
    if (found !== undefined) found.places.push({ index, item });
    else shared.set(key, { source, places: [{ index, item }], decodedBytes: memoryOf(pixels) });
  }
  return [...shared.values()];
}

function memoryOf(pixels: number): number {
  return Math.ceil((pixels * BYTES_PER_PIXEL) / WORD_BYTES) * WORD_BYTES;
}

/** Neighbours together, as many as the limits allow. */
export function groupSources(sources: readonly SharedSource[], limits: GroupLimits): SharedSource[][] {
  const groups: SharedSource[][] = [];
  let held = { bytes: Infinity, items: Infinity };
  for (const source of sources) {
    held = { bytes: held.bytes + source.decodedBytes, items: held.items + source.places.length };
    const group = groups.at(-1);
    if (group !== undefined && held.bytes <= limits.bytes && held.items <= limits.items) {
      group.push(source);
    } else {
      groups.push([source]);
      held = { bytes: source.decodedBytes, items: source.places.length };
    }
  }
  return groups;
}
