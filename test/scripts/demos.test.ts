import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { SERVICE_NAMES } from '../../client/src/services/registry.js';
import { DEMOS } from '../../scripts/demo/demos.mjs';
import { findFreePort } from '../../scripts/ports.mjs';
import { TRANSFORMER_OPTIONS } from '../../src/transformers/registry.js';

/** The services of items; passthrough has no form of its own that could be shown. */
const SERVICES = Object.keys(TRANSFORMER_OPTIONS).filter((name) => name !== 'passthrough');

/** facequality's is in demo.test.ts. A model that is fetched on demand is not fetched here. */
const SHOWN = SERVICES.filter((name) => name !== 'facequality');
const isThere = (name: string) => DEMOS[name]?.isFetched === false || existsSync(`triton-models/${name}/1/model.onnx`);

describe('The registry of transformers', () => {
  it.each(SERVICES)('has in %s a service that can be shown, and whose answers the client knows', (name) => {
    expect(Object.keys(DEMOS)).toContain(name);
    expect(SERVICE_NAMES).toContain(name);
  });
});

describe('npm run demo -- SERVICE', () => {
  it.each(SHOWN.filter(isThere))('%s answers all of its samples', async (name) => {
    const args = ['scripts/demo.mjs', name, '--once', '--port', String(await findFreePort())];
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) =>
      execFile(process.execPath, args, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }),
      ),
    );
    const samples = readdirSync(DEMOS[name]?.samples ?? '').filter((file) =>
      /\.(jpe?g|png|webp|gif|tiff?|avif|txt)$/i.test(file),
    );
    const errors = DEMOS[name]?.hasBadSample === true ? '1 error' : '0 errors';
    expect(output).toMatch(new RegExp(`^${samples.length} (pictures|texts), (\\d+ \\w+, )?${errors} in `, 'm'));
    expect(output).toMatch(new RegExp(`/v1/models/${name}:predict -d @-$`, 'm'));
    expect(code).toBe(0);
  });
});
