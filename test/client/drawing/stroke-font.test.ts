import sharp from 'sharp';
import { textPath, textWidth } from '../../../client/src/drawing/stroke-font.js';

/** Draws a text 60 px high and says which of the picture's pixels are ink, as `#` and `.`, one character per 10 px. */
async function draw(text: string): Promise<string[]> {
  const width = Math.round(textWidth(text, 60)) + 20;
  const path = `<path d="${textPath(text, { x: 10, y: 10, heightPx: 60 })}" stroke="#fff" stroke-width="10"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="80">${path} fill="none" stroke-linecap="round"/></svg>`;
  const { data, info } = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const isInk = (x: number, y: number) => (data[(y * info.width + x) * 4 + 3] ?? 0) > 128;
  const rows = Array.from({ length: 7 }, (_, row) => 10 + row * 10);
  const columns = Array.from({ length: Math.floor((width - 20) / 10) + 1 }, (_, column) => 10 + column * 10);
  return rows.map((y) => columns.map((x) => (isInk(x, y) ? '#' : '.')).join(''));
}

describe('textPath()', () => {
  it('draws digits', async () => {
    await expect(draw('17')).resolves.toEqual([
      '..#...#####',
      '.##......#.',
      '..#......#.',
      '..#.....#..',
      '..#.....#..',
      '..#....#...',
      '.###...#...',
    ]);
  });

  it('draws letters in capitals, dots and blanks', async () => {
    const rows = ['#.........#', '#.........#', '#.........#', '#.........#', '#.........#', '#.........#'];
    await expect(draw('l.')).resolves.toEqual([...rows.map((row) => row.replace(/#$/, '.')), '#####...#..']);
    await expect(draw('T T')).resolves.toEqual(['#####.......#####', ...Array<string>(6).fill('..#...........#..')]);
  });

  it('has a glyph of its own for each letter and digit', () => {
    const characters = Array.from('ABCDEFGHIJKLMNPQRSTUVWXYZ0123456789.:-_/?');
    const paths = characters.map((character) => textPath(character, { x: 0, y: 0, heightPx: 6 }));
    expect(paths.every((path) => path.startsWith('M'))).toBe(true);
    expect(new Set(paths).size).toBe(characters.length);
  });

  it('leaves a character without a glyph blank', () => {
    expect(textPath(' é', { x: 0, y: 0, heightPx: 6 })).toBe('');
  });
});

describe('textWidth()', () => {
  it.each([
    ['', 0],
    ['8', 40],
    ['81', 100],
  ])('measures "%s" at 60 px as %d', (text, width) => {
    expect(textWidth(text, 60)).toBe(width);
  });
});
