import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** The encoders of the accepted formats, with little loss. */
export const ENCODERS = {
  jpeg: (image: Sharp) => image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
  png: (image: Sharp) => image.png(),
  webp: (image: Sharp) => image.webp({ lossless: true }),
  gif: (image: Sharp) => image.gif(),
  tiff: (image: Sharp) => image.tiff({ compression: 'lzw' }),
  avif: (image: Sharp) => image.avif({ quality: 90, effort: 0, chromaSubsampling: '4:4:4' }),
} as const;

/** The four colours of `quarters`, in reading order. */
export const QUARTER_COLOURS = [
  [200, 30, 40],
  [30, 180, 50],
  [40, 50, 210],
  [220, 210, 60],
] as const;

/** A picture of four plain quarters, so that its orientation shows. */
export function quarters(widthPx = 32, heightPx = 16): Sharp {
  const data = Buffer.alloc(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const colour = QUARTER_COLOURS[(y * 2 >= heightPx ? 2 : 0) + (x * 2 >= widthPx ? 1 : 0)] ?? [0, 0, 0];
      data.set(colour, (y * widthPx + x) * 3);
    }
  }
  return sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } });
}

/** A PNG of one grey value, made without ever holding its pixels: 20000 x 20000 is 400 kB. */
export function onePlainPng(widthPx: number, heightPx: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const row = Buffer.alloc(widthPx + 1, 128).fill(0, 0, 1);
  const rows = deflateSync(Buffer.alloc(row.length * heightPx, row), { level: 1 });
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    framed.set(body, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}
