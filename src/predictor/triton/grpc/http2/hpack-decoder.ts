import type { Buffer } from 'node:buffer';
import { Http2Fault } from './http2-fault.js';
import { decodeHuffman } from './huffman.js';
import { DEFAULT_TABLE_BYTES, entryBytes, type HeaderField, STATIC_TABLE } from './static-table.js';

/** Headers by their names in lower case; the values of those that came more than once are joined by commas. */
export type Headers = ReadonlyMap<string, string>;

/** Reads the header blocks of one connection, in their order: each may refer to what came before it (RFC 7541). */
export interface HpackDecoder {
  /** @throws Http2Fault `compressionError`, behind which no further block can be read */
  decode(block: Buffer): Headers;
}

/** An integer's further bytes; none that is honest needs more (5.1). */
const MAX_INTEGER_BYTES = 4;
const CONTINUES = 0x80;
const IS_HUFFMAN = 0x80;

/**
 * How a field begins: the bits that tell its kind, and those of the integer behind them (6). A field not indexed, or
 * never to be, is what has none of them.
 */
const INDEXED = { bit: 0x80, integerBits: 7 } as const;
const LITERAL_KEPT = { bit: 0x40, integerBits: 6 } as const;
const TABLE_SIZE = { bit: 0x20, integerBits: 5 } as const;
const LITERAL_BITS = 4;

/**
 * Prepares to read blocks, with a dynamic table of the default size.
 * @param maxListBytes the most that the fields of one block may take, counted as in a table
 */
export function createHpackDecoder(maxListBytes: number): HpackDecoder {
  const table = new DynamicTable();
  return { decode: (block) => new BlockReader(block, table).read(maxListBytes) };
}

/** The fields that the server has put down, the newest first (2.3.2). */
class DynamicTable {
  readonly #fields: HeaderField[] = [];
  #bytes = 0;
  #maxBytes = DEFAULT_TABLE_BYTES;

  /** The field of a number, of which the static table has the first. */
  at(index: number): HeaderField {
    const field = STATIC_TABLE[index - 1] ?? this.#fields[index - 1 - STATIC_TABLE.length];
    if (field === undefined) throw wrong(`there is no field ${index}`);
    return field;
  }

  add(field: HeaderField): void {
    this.#bytes += entryBytes(field);
    this.#fields.unshift(field);
    this.#evict();
  }

  resize(bytes: number): void {
    if (bytes > DEFAULT_TABLE_BYTES) throw wrong('the table becomes larger than it may');
    this.#maxBytes = bytes;
    this.#evict();
  }

  #evict(): void {
    while (this.#bytes > this.#maxBytes) {
      const field = this.#fields.pop();
      if (field === undefined) return;
      this.#bytes -= entryBytes(field);
    }
  }
}

class BlockReader {
  readonly #bytes: Buffer;
  readonly #table: DynamicTable;
  #at = 0;

  constructor(bytes: Buffer, table: DynamicTable) {
    this.#bytes = bytes;
    this.#table = table;
  }

  read(maxListBytes: number): Headers {
    const headers = new Map<string, string>();
    let listBytes = 0;
    this.#readTableSizes();
    while (this.#at < this.#bytes.length) {
      const field = this.#field();
      listBytes += entryBytes(field);
      if (listBytes > maxListBytes) throw wrong(`the headers take more than ${maxListBytes} bytes`);
      const [name, value] = field;
      const earlier = headers.get(name);
      headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
    }
    return headers;
  }

  /** They stand before the fields alone (4.2). */
  #readTableSizes(): void {
    while (this.#at < this.#bytes.length) {
      const first = this.#bytes.readUInt8(this.#at);
      if (first >= LITERAL_KEPT.bit || (first & TABLE_SIZE.bit) === 0) return;
      this.#table.resize(this.#integer(TABLE_SIZE.integerBits));
    }
  }

  #field(): HeaderField {
    const first = this.#bytes.readUInt8(this.#at);
    if ((first & INDEXED.bit) !== 0) return this.#table.at(this.#integer(INDEXED.integerBits));
    if ((first & LITERAL_KEPT.bit) !== 0) {
      const field = this.#literal(LITERAL_KEPT.integerBits);
      this.#table.add(field);
      return field;
    }
    if ((first & TABLE_SIZE.bit) !== 0) throw wrong('the table changes its size behind a field');
    return this.#literal(LITERAL_BITS);
  }

  #literal(integerBits: number): HeaderField {
    const index = this.#integer(integerBits);
    const name = index === 0 ? this.#text() : this.#table.at(index)[0];
    return [name, this.#text()];
  }

  #integer(bits: number): number {
    const mask = (1 << bits) - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let count = 0; count < MAX_INTEGER_BYTES; count++) {
      const byte = this.#byte();
      value += (byte & ~CONTINUES) << (7 * count);
      if ((byte & CONTINUES) === 0) return value;
    }
    throw wrong('an integer is too long');
  }

  #text(): string {
    const isHuffman = this.#at < this.#bytes.length && (this.#bytes.readUInt8(this.#at) & IS_HUFFMAN) !== 0;
    const length = this.#integer(7);
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw endsTooEarly();
    return isHuffman ? decodeHuffman(this.#bytes, start, this.#at) : this.#bytes.toString('latin1', start, this.#at);
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw endsTooEarly();
    return this.#bytes.readUInt8(this.#at++);
  }
}

function endsTooEarly(): Http2Fault {
  return wrong('a block of headers ends within a field');
}

function wrong(problem: string): Http2Fault {
  return new Http2Fault('compressionError', problem);
}
