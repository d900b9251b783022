import { Buffer } from 'node:buffer';

/** How a field's value is packed (protobuf.dev/programming-guides/encoding, "Message structure"). */
export const WIRE_TYPE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** One of them. */
export type WireType = (typeof WIRE_TYPE)[keyof typeof WIRE_TYPE];

/** The longest varint, that of 64 bits. */
const MAX_VARINT_BYTES = 10;

/** Enough for a small request without its tensors. */
const FIRST_BYTES = 256;

/** Up to here it is quicker to copy bytes than to send a piece more. */
const COPIED_BYTES = 16 * 1024;

/** A text of so few characters makes no more than 127 bytes of UTF-8, so its length takes one byte. */
const SHORT_TEXT = 42;

/** A varint's byte has 7 bits of the number and one that says whether more come. */
const BYTE_RADIX = 128;

/** Writes the fields of a protobuf message, one behind the other. Fields with proto3's default are left out by callers. */
export interface WireWriter {
  /** An integer of a type int32…uint64 or bool; negative ones as two's complement of 64 bits. */
  varint(field: number, value: number | bigint): void;
  double(field: number, value: number): void;
  string(field: number, value: string): void;
  /** Integers of a repeated field, packed. */
  packed(field: number, values: readonly (number | bigint)[]): void;
  /** Numbers of a repeated field of type float, packed. */
  packedFloats(field: number, values: readonly number[]): void;
  /** Numbers of a repeated field of type double, packed. */
  packedDoubles(field: number, values: readonly number[]): void;
  /** A message in the message; `write` writes its fields. */
  message(field: number, write: () => void): void;
  /** Bytes, in the message itself and in no message in it; large ones are not copied. */
  bytes(field: number, value: Uint8Array): void;
  /** Bytes in pieces that follow one another, none of which is copied; otherwise as `bytes`. */
  pieces(field: number, pieces: readonly Uint8Array[]): void;
  /** Bytes, wherever they stand; all are copied. */
  copiedBytes(field: number, value: Uint8Array): void;
  /** The message's pieces, which make it one behind the other; among them are the large values of `bytes`. */
  finish(): readonly Uint8Array[];
}

/** Starts a message. */
export function createWireWriter(): WireWriter {
  return new GrowingWriter();
}

class GrowingWriter implements WireWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  readonly #pieces: Uint8Array[] = [];
  #restAt = 0;

  varint(field: number, value: number | bigint): void {
    this.#reserve(2 * MAX_VARINT_BYTES);
    this.#tag(field, WIRE_TYPE.varint);
    this.#number(value);
  }

  double(field: number, value: number): void {
    this.#reserve(MAX_VARINT_BYTES + 8);
    this.#tag(field, WIRE_TYPE.fixed64);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  string(field: number, value: string): void {
    const byteLength = value.length <= SHORT_TEXT ? 0 : Buffer.byteLength(value);
    this.#reserve(2 * MAX_VARINT_BYTES + Math.max(byteLength, 3 * SHORT_TEXT));
    this.#tag(field, WIRE_TYPE.bytes);
    if (byteLength === 0) {
      const written = this.#bytes.write(value, this.#length + 1);
      this.#bytes[this.#length] = written;
      this.#length += 1 + written;
    } else {
      this.#number(byteLength);
      this.#length += this.#bytes.write(value, this.#length);
    }
  }

  packed(field: number, values: readonly (number | bigint)[]): void {
    this.message(field, () => {
      this.#reserve(values.length * MAX_VARINT_BYTES);
      for (const value of values) this.#number(value);
    });
  }

  packedFloats(field: number, values: readonly number[]): void {
    this.#delimited(field, 4 * values.length, 4 * values.length);
    for (const value of values) this.#length = this.#bytes.writeFloatLE(value, this.#length);
  }

  packedDoubles(field: number, values: readonly number[]): void {
    this.#delimited(field, 8 * values.length, 8 * values.length);
    for (const value of values) this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  message(field: number, write: () => void): void {
    this.#reserve(2 * MAX_VARINT_BYTES);
    this.#tag(field, WIRE_TYPE.bytes);
    const lengthAt = this.#length;
    // Most messages are short: one byte is kept for the length, and the message is moved where that is too little.
    this.#length += 1;
    write();
    const start = lengthAt + 1;
    const size = this.#length - start;
    const lengthBytes = varintBytes(size);
    this.#reserve(lengthBytes);
    if (lengthBytes > 1) this.#bytes.copyWithin(lengthAt + lengthBytes, start, start + size);
    this.#length = lengthAt;
    this.#number(size);
    this.#length += size;
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.byteLength <= COPIED_BYTES) this.copiedBytes(field, value);
    else this.pieces(field, [value]);
  }

  pieces(field: number, pieces: readonly Uint8Array[]): void {
    const byteLength = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    this.#delimited(field, byteLength, 0);
    this.#pieces.push(this.#rest(), ...pieces);
    this.#restAt = this.#length;
  }

  copiedBytes(field: number, value: Uint8Array): void {
    this.#delimited(field, value.byteLength, value.byteLength);
    this.#bytes.set(value, this.#length);
    this.#length += value.byteLength;
  }

  finish(): readonly Uint8Array[] {
    return [...this.#pieces, this.#rest()];
  }

  /** What was written behind the last piece. */
  #rest(): Buffer {
    return this.#bytes.subarray(this.#restAt, this.#length);
  }

  /** Begins a field whose value stands behind its length, and makes room for what of it is written here. */
  #delimited(field: number, byteLength: number, writtenBytes: number): void {
    this.#reserve(2 * MAX_VARINT_BYTES + writtenBytes);
    this.#tag(field, WIRE_TYPE.bytes);
    this.#number(byteLength);
  }

  #tag(field: number, wireType: number): void {
    this.#number(field * 8 + wireType);
  }

  #number(value: number | bigint): void {
    if (typeof value === 'bigint' || value < 0) {
      this.#bigint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    let rest = value;
    while (rest >= BYTE_RADIX) {
      this.#bytes[this.#length++] = (rest % BYTE_RADIX) | BYTE_RADIX;
      rest = Math.floor(rest / BYTE_RADIX);
    }
    this.#bytes[this.#length++] = rest;
  }

  #bigint(value: bigint): void {
    let rest = value;
    while (rest >= BigInt(BYTE_RADIX)) {
      this.#bytes[this.#length++] = Number(rest % BigInt(BYTE_RADIX)) | BYTE_RADIX;
      rest /= BigInt(BYTE_RADIX);
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(2 * (this.#bytes.length + bytes));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= BYTE_RADIX; rest = Math.floor(rest / BYTE_RADIX)) bytes++;
  return bytes;
}
