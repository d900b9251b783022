/** What it takes to make a model's input of a picture, apart from any service. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const HALF = 127.5;
const SPEC = { widthPx: 32, heightPx: 32, channels: 'rgb', mean: [HALF, HALF, HALF], std: [HALF, HALF, HALF] };

/** How often each picture is decoded, after as many times that do not count. */
const TIMES = { cifar: 4000, vga: 300, hd: 100 };

/** CPU milliseconds a picture, by body and way: `{ vga: { exact, fast } }`. */
export async function decodeCosts(bodies) {
  const { sampleEncoded } = await import('../../dist/imaging/sample-encoded.js');
  const costs = {};
  for (const [name, times] of Object.entries(TIMES)) {
    const bytes = await readFile(path.join(bodies, `${name}.raw`));
    costs[name] = {};
    for (const resize of ['exact', 'fast']) {
      const work = () => sampleEncoded({ bytes, isBase64: false, spec: SPEC, resize });
      for (let i = 0; i < times; i++) work();
      const before = process.cpuUsage();
      for (let i = 0; i < times; i++) work();
      const { user, system } = process.cpuUsage(before);
      costs[name][resize] = (user + system) / times / 1000;
    }
  }
  return costs;
}
