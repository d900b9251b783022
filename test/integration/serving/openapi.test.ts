import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pythonProgram } from '../run-python.js';
import { serve, type Serving } from './serve.js';

const FOLDER = path.resolve('test', 'integration', 'serving');

/** Some 4000 requests, on a busy machine. */
const LIMIT_MS = 280_000;

/** Enough to know that every operation was tried with what is right and what is wrong. */
const LEAST_REQUESTS = 2000;

/** The part of schemathesis' report that counts. */
interface Report {
  readonly complete: boolean;
  readonly operations: { readonly total: number; readonly tested: number };
  readonly test_cases: { readonly generated: number };
  readonly failures: readonly unknown[];
  readonly errors: readonly unknown[];
}

describe('/openapi.json', () => {
  let service: Serving;
  let scratch: string;
  beforeAll(async () => {
    service = await serve(['--enable_admin']);
    scratch = await mkdtemp(path.join(tmpdir(), 'schemathesis-'));
  });
  afterAll(async () => {
    await service.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  it(
    'says what the service does, as thousands of requests made up from it show',
    async () => {
      const { code, output, report } = await runSchemathesis(service.url, scratch);
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('No issues found') });
      expect(report).toMatchObject({ complete: true, failures: [], errors: [] });
      expect(report.operations.total).toBeGreaterThan(0);
      expect(report.operations.tested).toBe(report.operations.total);
      expect(report.test_cases.generated).toBeGreaterThan(LEAST_REQUESTS);
    },
    LIMIT_MS + 20_000,
  );
});

/** Runs it in a folder of its own, where it leaves what it leaves. */
async function runSchemathesis(url: string, scratch: string) {
  const report = path.join(scratch, 'report.json');
  const args = [
    ...['--config-file', path.join(FOLDER, 'schemathesis.toml'), 'run', `${url}/openapi.json`, '--checks', 'all'],
    ...['--no-color', '--report', 'json', '--report-json-path', report],
  ];
  const env = { ...process.env, PYTHONPATH: FOLDER };
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile(
      pythonProgram('clients', 'schemathesis'),
      args,
      { cwd: scratch, env, timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : (error.code ?? error.signal), output: stdout + stderr }),
    );
  });
  const text = await readFile(report, 'utf8').catch(() => '{}');
  return { code, output, report: JSON.parse(text) as Report };
}
