/**
 * `node scripts/http-api.mjs [--check] [--page FILE]`: brings docs/http-api.md up to date. Starts the service with embedded
 * models, makes the page's tables from what it says of itself at /openapi.json, runs the page's commands against it and
 * puts down what they print. With --check nothing is written; a page that is not up to date ends it with 1.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import { comparable, fillSamples } from './http-api/samples.mjs';
import { fillSections } from './http-api/sections.mjs';
import { findFreePort } from './ports.mjs';
import { hasEnded, PROJECT_ROOT, stopChild } from './processes.mjs';

const MODEL = 'facequality';
const START_LIMIT_MS = 30_000;

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    page: { type: 'string', default: path.join(PROJECT_ROOT, 'docs', 'http-api.md') },
  },
});
const written = readFileSync(options.page, 'utf8');
const current = await withService((url) => update(written, url));
const isCurrent = comparable(current) === comparable(written);
if (!isCurrent && !options.check) writeFileSync(options.page, current);
if (!isCurrent && options.check) {
  const line = firstDifference();
  console.error(`${options.page} is not up to date, first at line ${line}; node scripts/http-api.mjs writes it`);
  process.exitCode = 1;
}

async function update(page, url) {
  const document = await (await fetch(`${url}/openapi.json`)).json();
  const filled = await fillSamples(fillSections(page, document, MODEL), url);
  const layout = await prettier.resolveConfig(path.join(PROJECT_ROOT, 'docs', 'http-api.md'));
  return prettier.format(filled, { ...layout, parser: 'markdown' });
}

async function withService(work) {
  const [port, grpcPort] = [await findFreePort(), await findFreePort()];
  const ports = { http_port: port, grpc_port: grpcPort };
  const flags = { model_name: MODEL, predictor_host: 'embedded', ...ports, enable_docs_url: true };
  const args = ['dist', ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
  const env = { PATH: process.env['PATH'] };
  const service = spawn(process.execPath, args, { cwd: PROJECT_ROOT, env, stdio: 'ignore' });
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilReady(service, url);
    return await work(url);
  } finally {
    await stopChild(service);
  }
}

async function untilReady(service, url) {
  const endsAt = Date.now() + START_LIMIT_MS;
  while (!hasEnded(service) && Date.now() < endsAt) {
    const response = await fetch(`${url}/v2/health/ready`).catch(() => undefined);
    if (response?.status === 200) return;
    await sleep(50);
  }
  throw new Error('The service does not become ready; node dist shows why');
}

function firstDifference() {
  const [before, after] = [written, current].map((page) => comparable(page).split('\n'));
  return before.findIndex((line, index) => line !== after[index]) + 1;
}
