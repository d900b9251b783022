import { DEFAULT_TABLE_BYTES, entryBytes, type HeaderField, STATIC_TABLE } from './static-table.js';

/** Headers of one request, by their names in lower case; values of latin1. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** Writes the header blocks of one connection, in their order. */
export interface HpackEncoder {
  /**
   * The block of a request: `:path`, the fields of every request, and its own.
   * @param own without pseudo headers
   * @returns its bytes as characters of latin1
   */
  encode(path: string, own: RequestHeaders): string;
  /** Heeds the size, in bytes, that the server gives the dynamic table. */
  setTableBytes(bytes: number): void;
}

/** How the kinds of fields begin: their bits, and those of the integer behind them (RFC 7541, 6). */
const INDEXED = { bits: 0x80, integerBits: 7 } as const;
const LITERAL_KEPT = { bits: 0x40, integerBits: 6 } as const;
const TABLE_SIZE = { bits: 0x20, integerBits: 5 } as const;
const LITERAL_SECRET = { bits: 0x10, integerBits: 4 } as const;
const LITERAL = { bits: 0x00, integerBits: 4 } as const;
const PLAIN_TEXT = { bits: 0x00, integerBits: 7 } as const;

/** What no table on the way may keep (7.1.3). */
const SECRET = new Set(['authorization', 'proxy-authorization', 'cookie']);

/** The fields of the static table by name and value, and by name; of several the first. */
const STATIC_INDEX = new Map([...STATIC_TABLE.entries()].reverse().map(([index, field]) => [keyOf(field), index + 1]));
const STATIC_NAME_INDEX = new Map([...STATIC_TABLE.entries()].reverse().map(([index, [name]]) => [name, index + 1]));

/**
 * Prepares to write blocks. What is the same in many requests goes into the dynamic table at the first of them, so that
 * it is a byte in each of the others; what does not fit there any more is written out.
 * @param common the fields of every request, the pseudo headers first
 */
export function createHpackEncoder(common: RequestHeaders): HpackEncoder {
  return new Encoder(common);
}

class Encoder implements HpackEncoder {
  readonly #common: RequestHeaders;
  /** The dynamic table, the oldest first. Nothing is ever pushed out of it. */
  readonly #kept = new Map<string, number>();
  #keptBytes = 0;
  #tableBytes = DEFAULT_TABLE_BYTES;
  /** The common fields behind each path, as far as the table has not changed since. */
  readonly #blocks = new Map<string, string>();
  /** What the server must learn before the next block. */
  #pending = '';

  constructor(common: RequestHeaders) {
    this.#common = common;
  }

  encode(path: string, own: RequestHeaders): string {
    let block = this.#pending + (this.#blocks.get(path) ?? this.#encodeCommon(path));
    this.#pending = '';
    for (const field of Object.entries(own)) block += literal(field, SECRET.has(field[0]) ? LITERAL_SECRET : LITERAL);
    return block;
  }

  setTableBytes(bytes: number): void {
    const size = Math.min(bytes, DEFAULT_TABLE_BYTES);
    if (size === this.#tableBytes) return;
    this.#tableBytes = size;
    this.#kept.clear();
    this.#keptBytes = 0;
    this.#blocks.clear();
    // First nothing, which empties the server's table as well (4.2).
    this.#pending = integer(TABLE_SIZE, 0) + integer(TABLE_SIZE, size);
  }

  #encodeCommon(path: string): string {
    const keptBefore = this.#kept.size;
    const fields: HeaderField[] = [[':path', path], ...Object.entries(this.#common)];
    const block = fields.map((field) => this.#encodeField(field)).join('');
    // Every addition moves the numbers of those before it.
    if (this.#kept.size > keptBefore) this.#blocks.clear();
    else this.#blocks.set(path, block);
    return block;
  }

  #encodeField(field: HeaderField): string {
    const key = keyOf(field);
    const place = this.#kept.get(key);
    const index =
      STATIC_INDEX.get(key) ?? (place === undefined ? undefined : STATIC_TABLE.length + this.#kept.size - place);
    if (index !== undefined) return integer(INDEXED, index);
    const bytes = entryBytes(field);
    if (this.#keptBytes + bytes > this.#tableBytes) return literal(field, LITERAL);
    this.#keptBytes += bytes;
    this.#kept.set(key, this.#kept.size);
    return literal(field, LITERAL_KEPT);
  }
}

function keyOf([name, value]: HeaderField): string {
  return `${name}\0${value}`;
}

/** The bits that a field begins with, and how many bits of that byte belong to the integer. */
interface Beginning {
  readonly bits: number;
  readonly integerBits: number;
}

function literal([name, value]: HeaderField, kind: Beginning): string {
  const index = STATIC_NAME_INDEX.get(name) ?? 0;
  return integer(kind, index) + (index === 0 ? text(name) : '') + text(value);
}

/** A text as it is: to pack it would take longer than to send it. */
function text(value: string): string {
  return integer(PLAIN_TEXT, value.length) + value;
}

/** An integer behind some bits (5.1). */
function integer({ bits, integerBits }: Beginning, value: number): string {
  const mask = (1 << integerBits) - 1;
  if (value < mask) return String.fromCharCode(bits | value);
  let bytes = String.fromCharCode(bits | mask);
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) bytes += String.fromCharCode((rest & 0x7f) | 0x80);
  return bytes + String.fromCharCode(rest);
}
