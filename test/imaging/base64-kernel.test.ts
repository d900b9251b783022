import { createPixelKernels } from '../../src/imaging/pixel-kernels.js';

const kernels = createPixelKernels();

/** The bytes of a text; undefined when the kernel refuses it. */
function decode(text: string): Buffer | undefined {
  const codes = Buffer.from(text, 'latin1');
  kernels.reset();
  const address = kernels.scratch(codes.length + 16);
  new Uint8Array(kernels.memory.buffer, address).set(codes);
  const length = kernels.exports.decodeBase64(address, codes.length, address);
  return length < 0 ? undefined : Buffer.from(new Uint8Array(kernels.memory.buffer, address, length));
}

/** Every byte value, at every place of a turn of 12 bytes. */
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 167 + (i >> 3)) & 0xff));

describe('decodeBase64 of the kernels', () => {
  it.each([0, 1, 2, 3, 11, 12, 13, 14, 15, 24, 25, 2000, 4097])(
    'decodes %i bytes, with padding and without',
    (length) => {
      const bytes = bytesOf(length);
      const text = bytes.toString('base64');
      expect(decode(text)).toEqual(bytes);
      expect(decode(text.replace(/=+$/, ''))).toEqual(bytes);
    },
  );

  it('refuses every character outside the alphabet, wherever it stands', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    for (let code = 0; code < 256; code++) {
      const character = String.fromCharCode(code);
      for (const at of [0, 7, 15, 16, 33]) {
        const text = `${'A'.repeat(at)}${character}${'A'.repeat(35 - at)}`;
        expect(decode(text) !== undefined).toBe(alphabet.includes(character));
      }
    }
  });

  it.each(['A', 'AAAAA', 'AAAA===', 'A=AA', `${'A'.repeat(32)}=A==`])('refuses %s', (text) => {
    expect(decode(text)).toBeUndefined();
  });
});
