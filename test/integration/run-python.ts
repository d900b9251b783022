import { execFile } from 'node:child_process';
import path from 'node:path';
import type { TritonRuntime } from '../../scripts/triton/server.mjs';

/** All samples of the datatypes, as base64 in JSON, are some megabytes. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Shorter than a test may take, so that a script that hangs is ended and named. */
const LIMIT_MS = 100_000;

/** Where the programs of each virtual environment are: of scripts/triton and of scripts/clients. */
const PROGRAMS = {
  triton: () => (JSON.parse(process.env['TRITON_RUNTIME'] ?? '{}') as Partial<TritonRuntime>).programs,
  clients: () => process.env['CLIENTS_PROGRAMS'],
} as const;

/** A virtual environment that `npm run test:triton` has set up. */
export type PythonEnvironment = keyof typeof PROGRAMS;

/** The path of a program of an environment. */
export function pythonProgram(environment: PythonEnvironment, program: string): string {
  const folder = PROGRAMS[environment]();
  if (folder === undefined) throw new Error('There is no Python: run these tests by npm run test:triton');
  return path.join(folder, program);
}

/**
 * Runs a Python script beside the tests.
 * @param script its path in test/integration
 * @param input what it reads as JSON from its standard input
 * @param environment whose packages it has
 * @returns what it writes as JSON to its standard output
 */
export async function runPython(
  script: string,
  input: unknown,
  environment: PythonEnvironment = 'triton',
): Promise<unknown> {
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(
      pythonProgram(environment, 'python'),
      [path.join('test', 'integration', script)],
      { maxBuffer: MAX_OUTPUT_BYTES, timeout: LIMIT_MS, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${script} ${error.killed === true ? 'took too long' : 'failed'}:\n${stderr}`));
      },
    );
    child.stdin?.end(JSON.stringify(input));
  });
  return JSON.parse(output);
}
