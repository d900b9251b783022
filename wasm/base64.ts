/**
 * Decodes base64 of the standard alphabet (RFC 4648, 4) without white space; padding at the end may be missing.
 *
 * Sixteen characters a turn: each becomes its six bits by the range that it lies in, and four times six bits become
 * three bytes. Writes up to four bytes beyond the result. The result may be written over the text, which is longer.
 * @returns the number of bytes; -1 when there is any other character, or one is left over
 */
export function decodeBase64(text: usize, length: i32, output: usize): i32 {
  const begin = output;
  // The padding, and with it the last, incomplete group.
  let end = length;
  for (let padding = 0; padding < 2 && end > 0 && load<u8>(text + end - 1) == 0x3d; padding++) end--;
  let at = 0;
  for (; at + 16 <= end; at += 16) {
    const codes = v128.load(text + at);
    const upper = within(codes, 0x41, 0x5a);
    const lower = within(codes, 0x61, 0x7a);
    const digit = within(codes, 0x30, 0x39);
    const plus = i8x16.eq(codes, i8x16.splat(0x2b));
    const slash = i8x16.eq(codes, i8x16.splat(0x2f));
    const known = v128.or(v128.or(upper, lower), v128.or(digit, v128.or(plus, slash)));
    if (!i8x16.all_true(known)) return -1;
    // What is added to the code of a character of each range gives its value, 0 to 63.
    let offset = v128.and(upper, i8x16.splat(-0x41));
    offset = v128.or(offset, v128.and(lower, i8x16.splat(26 - 0x61)));
    offset = v128.or(offset, v128.and(digit, i8x16.splat(52 - 0x30)));
    offset = v128.or(offset, v128.and(plus, i8x16.splat(62 - 0x2b)));
    offset = v128.or(offset, v128.and(slash, i8x16.splat(63 - 0x2f)));
    const values = i8x16.add(codes, offset);
    // Two values of 6 bits in each lane of 16 become 12 bits, two of these in each lane of 32 become 24.
    const first = i16x8.shl(v128.and(values, i16x8.splat(0xff)), 6);
    const pairs = v128.or(first, i16x8.shr_u(values, 8));
    const quads = i32x4.dot_i16x8_s(pairs, i16x8(4096, 1, 4096, 1, 4096, 1, 4096, 1));
    v128.store(output, i8x16.swizzle(quads, i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)));
    output += 12;
  }
  let bits: u32 = 0;
  let count = 0;
  for (; at < end; at++) {
    const value = valueOf(load<u8>(text + at));
    if (value < 0) return -1;
    bits = (bits << 6) | (value as u32);
    count++;
    if (count < 4) continue;
    store<u8>(output, (bits >> 16) as u8);
    store<u8>(output, (bits >> 8) as u8, 1);
    store<u8>(output, bits as u8, 2);
    output += 3;
    count = 0;
    bits = 0;
  }
  if (count == 1) return -1;
  if (count == 2) store<u8>(output++, (bits >> 4) as u8);
  if (count == 3) {
    store<u8>(output, (bits >> 10) as u8);
    store<u8>(output, (bits >> 2) as u8, 1);
    output += 2;
  }
  return (output - begin) as i32;
}

function within(codes: v128, first: i8, last: i8): v128 {
  return v128.and(i8x16.ge_s(codes, i8x16.splat(first)), i8x16.le_s(codes, i8x16.splat(last)));
}

function valueOf(code: i32): i32 {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code == 0x2b) return 62;
  return code == 0x2f ? 63 : -1;
}
