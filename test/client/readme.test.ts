import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SERVICE_NAMES } from '../../client/src/services/registry.js';
import { helpText } from '../../client/src/command-line.js';
import { type CompiledSamples, compileSamples, samplesOf } from '../docs/samples.js';
import { type FakeService, startFakeService } from '../helpers/fake-service.js';

const PAGE = 'client/README.md';
const DETECTION = { x1: 0, y1: 0, x2: 1, y2: 1, confidence: 0.875, class: 'hat' };

/** The page's programs, compiled as those of a consumer and run against a service of a few lines. */
describe('client/README.md', () => {
  let service: FakeService;
  let samples: CompiledSamples;
  beforeAll(async () => {
    service = await startFakeService(({ path: route, body }) => {
      if (route.includes('helmet_detection')) {
        return { json: { predictions: (body as { instances: unknown[] }).instances.map(() => [DETECTION]) } };
      }
      const requests = (body as { multi_data?: unknown[] }).multi_data ?? [body];
      return { json: { multi_data: requests.map(() => ({ data: [{ score: 0.5 }] })) } };
    });
    const codes = (await samplesOf(PAGE)).map(({ code }) => code.replace('http://127.0.0.1:8080', service.url));
    samples = await compileSamples(codes);
    for (const name of ['site', 'gate', 'face', 'a', 'b'])
      await writeFile(path.join(samples.folder, `${name}.jpg`), 'picture');
  }, 60_000);
  afterAll(async () => {
    await service.close();
    await rm(samples.folder, { recursive: true, force: true });
  });

  it('has programs that compile', () => {
    expect(samples.problems).toBe('');
    expect(samples.programs).toHaveLength(2);
  });

  it('has programs that run', async () => {
    const outputs = await Promise.all(
      samples.programs.map(
        (program) =>
          new Promise<string>((resolve) =>
            execFile(process.execPath, [program], { cwd: samples.folder }, (_, stdout, stderr) =>
              resolve(stdout + stderr),
            ),
          ),
      ),
    );
    expect(outputs).toEqual([
      expect.stringMatching(/^hat 0\.875\nsite\.jpg [\d.]+ 1\ngate\.jpg [\d.]+ 1\n$/),
      expect.stringMatching(/^0\.5\na\.jpg [\d.]+ 0\.5\nb\.jpg [\d.]+ 0\.5\n$/),
    ]);
  });

  it('tells of every service and every option', async () => {
    const page = await readFile(PAGE, 'utf8');
    for (const service of SERVICE_NAMES.filter((name) => name !== 'other')) expect(page).toContain(`| \`${service}\` `);
    const options = Array.from(helpText().matchAll(/^ {2}(--[a-z]+)/gm), ([, option = '']) => option);
    for (const option of options.filter((name) => !['--help', '--version'].includes(name)))
      expect(page).toContain(`\`${option}`);
  });
});
