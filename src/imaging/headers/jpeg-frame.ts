import { type Orientation, readExifOrientation } from './exif-orientation.js';
import { isStartOfFrame, START_OF_SCAN, walkSegments } from './jpeg.js';

/** Where a component's tables stand in the bytes, and how finely it is sampled. */
export interface JpegComponent {
  /** Samples per `JpegFrame.maxAcross` and `maxDown`, 1 to 4. */
  readonly across: number;
  readonly down: number;
  /** Where 64 quantisers begin, of one byte each or two. */
  readonly quantisersAt: number;
  readonly has16BitQuantisers: boolean;
  /** Where 16 counts and the symbols of the Huffman codes begin. */
  readonly dcCodesAt: number;
  readonly acCodesAt: number;
}

/** What is in a baseline JPEG's header: all that is needed to decode its one scan. */
export interface JpegFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  /** One of grey or three. */
  readonly components: readonly JpegComponent[];
  readonly maxAcross: number;
  readonly maxDown: number;
  /** Whether three components are luminance and colour differences rather than red, green and blue. */
  readonly isYcc: boolean;
  /** Minimum coded units between restart markers; 0 when there are none. */
  readonly restartInterval: number;
  /** 1, upright, when the header does not tell. */
  readonly orientation: Orientation;
  /** Where the entropy-coded data begin. */
  readonly scanAt: number;
}

/** Markers of ITU-T T.81, table B.1. */
const START_OF_IMAGE = 0xd8;
const BASELINE = 0xc0;
const EXTENDED_SEQUENTIAL = 0xc1;
const HUFFMAN_TABLES = 0xc4;
const QUANTISERS = 0xdb;
const RESTART_INTERVAL = 0xdd;
const [APP0, APP1, APP14] = [0xe0, 0xe1, 0xee];

/**
 * What may stand before the scan: frames, tables, DNL, restart interval, application data, comments, and what has no
 * length. Of other markers libjpeg makes errors.
 */
const isKnown = (marker: number) =>
  marker <= 0x01 ||
  (marker >= 0xc0 && marker <= 0xdd && marker !== START_OF_IMAGE) ||
  (marker >= 0xe0 && marker <= 0xef) ||
  marker >= 0xfe;

/** B.2.3: an interleaved unit holds ten blocks at most. */
const MAX_BLOCKS = 10;

interface StoredComponent {
  readonly id: number;
  readonly across: number;
  readonly down: number;
  readonly quantisers: number;
}

interface StoredFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly components: readonly StoredComponent[];
}

/** What was read so far; later definitions replace earlier ones. */
class Header {
  frame: StoredFrame | undefined;
  isSupported = true;
  restartInterval = 0;
  orientation: Orientation | undefined;
  hasJfif = false;
  adobeTransform: number | undefined;
  readonly quantisers = new Map<number, { readonly at: number; readonly is16Bit: boolean }>();
  /** By class · 16 + number, as DHT has them. */
  readonly codes = new Map<number, number>();
}

/** Reads a segment, which begins behind its length. */
type SegmentReader = (header: Header, segment: Buffer, at: number) => void;

const SEGMENT_READERS: Readonly<Record<number, SegmentReader>> = {
  [HUFFMAN_TABLES]: readCodes,
  [QUANTISERS]: readQuantisers,
  [RESTART_INTERVAL](header, segment) {
    header.restartInterval = segment.readUInt16BE(0);
    header.isSupported &&= segment.length === 2;
  },
  [APP0](header, segment) {
    header.hasJfif ||= segment.length >= 14 && segment.toString('latin1', 0, 5) === 'JFIF\0';
  },
  [APP1](header, segment) {
    header.orientation ??= readExifOrientation(segment);
  },
  [APP14](header, segment) {
    if (segment.length >= 12 && segment.toString('latin1', 0, 5) === 'Adobe') header.adobeTransform = segment[11];
  },
};

/**
 * Reads the header of a JPEG up to its first scan; undefined when that is not the only one of a sequential 8-bit picture
 * with Huffman codes, grey or of three components, or when a table is missing.
 * @throws RangeError when the header is truncated or damaged
 */
export function readJpegFrame(bytes: Buffer): JpegFrame | undefined {
  const header = new Header();
  let found: JpegFrame | undefined;
  walkSegments(bytes, (marker, at) => {
    if (isStartOfFrame(marker)) readFrame(header, marker, segmentAt(bytes, at));
    if (!header.isSupported || !isKnown(marker)) return true;
    if (marker === START_OF_SCAN) {
      const segment = segmentAt(bytes, at);
      found = readScan(header, segment, at + 2 + segment.length);
      return true;
    }
    const read = SEGMENT_READERS[marker];
    if (read !== undefined) read(header, segmentAt(bytes, at), at + 2);
    return !header.isSupported;
  });
  return found;
}

function segmentAt(bytes: Buffer, at: number): Buffer {
  const length = bytes.readUInt16BE(at);
  if (length < 2 || at + length > bytes.length) throw new RangeError('a segment goes beyond the end');
  return bytes.subarray(at + 2, at + length);
}

function readFrame(header: Header, marker: number, segment: Buffer): void {
  if (header.frame !== undefined) throw new RangeError('two frames');
  const count = segment.readUInt8(5);
  const isSequential = marker === BASELINE || marker === EXTENDED_SEQUENTIAL;
  if (!isSequential || segment.readUInt8(0) !== 8 || (count !== 1 && count !== 3)) {
    header.isSupported = false;
    return;
  }
  const components = Array.from({ length: count }, (_, i) => {
    const at = 6 + i * 3;
    const sampling = segment.readUInt8(at + 1);
    const [across, down] = count === 1 ? [1, 1] : [sampling >> 4, sampling & 15];
    return { id: segment.readUInt8(at), across, down, quantisers: segment.readUInt8(at + 2) };
  });
  header.frame = { heightPx: segment.readUInt16BE(1), widthPx: segment.readUInt16BE(3), components };
  if (header.frame.widthPx * header.frame.heightPx === 0) throw new RangeError('no pixels');
  header.isSupported = hasPlainSampling(components) && segment.length === 6 + count * 3;
}

function hasPlainSampling(components: readonly StoredComponent[]): boolean {
  let blocks = 0;
  for (const { across, down } of components) {
    if (across < 1 || across > 4 || down < 1 || down > 4) return false;
    blocks += across * down;
  }
  return blocks <= MAX_BLOCKS;
}

function readQuantisers(header: Header, segment: Buffer, start: number): void {
  for (let at = 0; at < segment.length;) {
    const kind = segment.readUInt8(at);
    const is16Bit = kind >= 16;
    header.quantisers.set(kind & 15, { at: start + at + 1, is16Bit });
    at += is16Bit ? 129 : 65;
    if (at > segment.length) throw new RangeError('a table of quantisers ends early');
  }
}

function readCodes(header: Header, segment: Buffer, start: number): void {
  for (let at = 0; at < segment.length;) {
    const kind = segment.readUInt8(at);
    header.codes.set(kind, start + at + 1);
    at += 17 + assertCodes(segment.subarray(at + 1), kind < 16);
  }
}

/** The number of symbols. Codes of a length may not be more than there can be, and DC symbols are bits of a number. */
function assertCodes(table: Buffer, isDc: boolean): number {
  let free = 1;
  let count = 0;
  for (let i = 0; i < 16; i++) {
    const ofLength = table.readUInt8(i);
    free = free * 2 - ofLength;
    count += ofLength;
    if (free < 0) throw new RangeError('more Huffman codes than there can be');
  }
  if (count > 256 || table.length < 16 + count) throw new RangeError('a table of Huffman codes ends early');
  if (isDc && table.subarray(16, 16 + count).some((symbol) => symbol > 15)) throw new RangeError('no DC symbol');
  return count;
}

function readScan(header: Header, segment: Buffer, scanAt: number): JpegFrame | undefined {
  const { frame, restartInterval, orientation = 1 } = header;
  if (frame === undefined) throw new RangeError('a scan without a frame');
  const count = frame.components.length;
  if (segment.readUInt8(0) !== count || segment.length !== 4 + count * 2) return undefined;
  const components = frame.components.map((component, i) =>
    withTables(header, component, segment.readUInt16BE(1 + i * 2)),
  );
  if (!components.every((component) => component !== undefined)) return undefined;
  return {
    widthPx: frame.widthPx,
    heightPx: frame.heightPx,
    components,
    maxAcross: Math.max(...components.map(({ across }) => across)),
    maxDown: Math.max(...components.map(({ down }) => down)),
    isYcc: isYcc(header, frame),
    restartInterval,
    orientation,
    scanAt,
  };
}

/** @param selector the component's number, and the numbers of its DC and AC tables */
function withTables(header: Header, component: StoredComponent, selector: number): JpegComponent | undefined {
  const quantisers = header.quantisers.get(component.quantisers);
  const dcCodesAt = header.codes.get((selector >> 4) & 15);
  const acCodesAt = header.codes.get(16 + (selector & 15));
  if (selector >> 8 !== component.id) return undefined;
  if (quantisers === undefined || dcCodesAt === undefined || acCodesAt === undefined) return undefined;
  const { across, down } = component;
  return { across, down, quantisersAt: quantisers.at, has16BitQuantisers: quantisers.is16Bit, dcCodesAt, acCodesAt };
}

/** As libjpeg decides: by JFIF, by Adobe's marker, else by whether the components are called R, G and B. */
function isYcc({ hasJfif, adobeTransform }: Header, { components }: StoredFrame): boolean {
  if (components.length !== 3) return false;
  if (hasJfif) return true;
  if (adobeTransform !== undefined) return adobeTransform !== 0;
  return String.fromCharCode(...components.map(({ id }) => id)) !== 'RGB';
}
