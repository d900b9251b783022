import type { Buffer } from 'node:buffer';
import { WIRE_TYPE, type WireType } from './wire-writer.js';

/** A field's number has 29 bits (protobuf.dev/programming-guides/proto3, "Assigning Field Numbers"). */
const MAX_FIELD = 2 ** 29 - 1;

/** Groups may hold groups; no honest message does so this often. */
const MAX_GROUP_DEPTH = 100;

/** A varint's bytes have 7 bits of the number each; those of seven bytes fit a JavaScript number, those of ten do not. */
const BITS_PER_BYTE = 7n;
const BITS_OF_NUMBER = 49n;
const BITS_OF_LONGEST = 70n;
const SCALE_BEYOND_NUMBER = 2 ** 49;

/**
 * Reads the fields of a protobuf message in memory (protobuf.dev/programming-guides/encoding). Every method throws
 * RangeError where the message ends too early or is malformed.
 */
export interface WireReader {
  /** Goes on to the next field: the one that `field` says, whose value is read next. False at the message's end. */
  next(): boolean;
  readonly field: number;
  /** An unsigned integer of 64 bits: a number up to 2^53-1, above that a bigint. */
  uint64(): number | bigint;
  /** A signed one: a number from -(2^53-1) to 2^53-1, beyond that a bigint. */
  int64(): number | bigint;
  int32(): number;
  uint32(): number;
  bool(): boolean;
  float(): number;
  double(): number;
  string(): string;
  /** A view on the message. */
  bytes(): Buffer;
  /** A message in the message. */
  message(): WireReader;
  /** Adds the values of a repeated field, of which there are several where they come packed; `max` in all at most. */
  repeated<T>(kind: RepeatedKind<T>, values: T[], max: number): void;
  /** Passes over a field that is not known here. */
  skip(): void;
}

/** What the values of a repeated field are. */
export interface RepeatedKind<T> {
  /** The field's name, for messages. */
  readonly name: string;
  /** How each is written. */
  readonly element: WireType;
  readonly read: (reader: WireReader) => T;
}

/** Reads a message. */
export function createWireReader(bytes: Buffer): WireReader {
  return new BufferReader(bytes, 0, bytes.length);
}

class BufferReader implements WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #wireType: number = WIRE_TYPE.varint;
  field = 0;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.#at >= this.#end) return false;
    const tag = Number(this.#varint());
    this.field = Math.floor(tag / 8);
    this.#wireType = tag % 8;
    if (this.field < 1 || this.field > MAX_FIELD) throw new RangeError('the number of a field is out of its range');
    return true;
  }

  uint64(): number | bigint {
    this.#expect(WIRE_TYPE.varint);
    return this.#varint();
  }

  int64(): number | bigint {
    const value = this.uint64();
    return typeof value === 'number' ? value : asNumberIfSafe(BigInt.asIntN(64, value));
  }

  int32(): number {
    return Number(BigInt.asIntN(32, BigInt(this.uint64())));
  }

  uint32(): number {
    return Number(BigInt.asUintN(32, BigInt(this.uint64())));
  }

  bool(): boolean {
    return this.uint64() !== 0;
  }

  float(): number {
    this.#expect(WIRE_TYPE.fixed32);
    return this.#bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    this.#expect(WIRE_TYPE.fixed64);
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  string(): string {
    return this.#bytes.toString('utf8', this.#delimited(), this.#at);
  }

  bytes(): Buffer {
    return this.#bytes.subarray(this.#delimited(), this.#at);
  }

  message(): WireReader {
    return this.#inner();
  }

  repeated<T>({ name, element, read }: RepeatedKind<T>, values: T[], max: number): void {
    const addFrom = (reader: BufferReader) => {
      // A limit that is no number is none that is kept.
      if (!(values.length < max)) throw new RangeError(`${name} has more than ${max} values`);
      values.push(read(reader));
    };
    if (this.#wireType === element) {
      addFrom(this);
      return;
    }
    const packed = this.#inner();
    packed.#wireType = element;
    while (packed.#at < packed.#end) addFrom(packed);
  }

  skip(): void {
    this.#skip(0);
  }

  #skip(depth: number): void {
    switch (this.#wireType) {
      case WIRE_TYPE.varint:
        this.#varint();
        return;
      case WIRE_TYPE.fixed64:
        this.#take(8);
        return;
      case WIRE_TYPE.bytes:
        this.#delimited();
        return;
      case WIRE_TYPE.startGroup:
        this.#skipGroup(depth + 1);
        return;
      case WIRE_TYPE.fixed32:
        this.#take(4);
        return;
      default:
        throw new RangeError(`field ${this.field} has the wire type ${this.#wireType}`);
    }
  }

  #skipGroup(depth: number): void {
    if (depth > MAX_GROUP_DEPTH) throw new RangeError(`groups are nested more than ${MAX_GROUP_DEPTH} deep`);
    const group = this.field;
    while (this.next()) {
      if (this.#wireType === WIRE_TYPE.endGroup && this.field === group) return;
      this.#skip(depth);
    }
    throw new RangeError('the message ends within a group');
  }

  #inner(): BufferReader {
    return new BufferReader(this.#bytes, this.#delimited(), this.#at);
  }

  /** Takes a value that stands behind its length, and gives where it begins; it ends where the reader is then. */
  #delimited(): number {
    this.#expect(WIRE_TYPE.bytes);
    return this.#take(Number(this.#varint()));
  }

  #varint(): number | bigint {
    // Most are of one byte.
    const first = this.#byte();
    if (first < 128) return first;
    let value = first & 127;
    for (let scale = 128; scale < SCALE_BEYOND_NUMBER; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    let large = BigInt(value);
    for (let shift = BITS_OF_NUMBER; shift < BITS_OF_LONGEST; shift += BITS_PER_BYTE) {
      const byte = this.#byte();
      large |= BigInt(byte & 127) << shift;
      if (byte < 128) return asNumberIfSafe(BigInt.asUintN(64, large));
    }
    throw new RangeError('an integer has more than 10 bytes');
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  #take(bytes: number): number {
    const start = this.#at;
    if (bytes > this.#end - start) throw new RangeError('the message ends within a field');
    this.#at += bytes;
    return start;
  }

  #expect(wireType: WireType): void {
    if (this.#wireType !== wireType) throw new RangeError(`field ${this.field} has the wire type ${this.#wireType}`);
  }
}

function asNumberIfSafe(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
