/** The commands of docs/http-api.md and what they print. */
import { spawn } from 'node:child_process';
import { PROJECT_ROOT } from '../processes.mjs';

/** A command with its output below it. */
const SAMPLE = /```sh\n(?<command>[^]*?)```\n\n```(?<kind>json|text)\n(?<output>[^]*?)```/g;

/** Where the page says that the service is. */
const ADDRESS = 'http://127.0.0.1:8080';

/** What is another one each time. */
const IDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIMES = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/**
 * Runs every command of a page that has its output below it, and puts there what it prints now.
 * @param {string} page
 * @param {string} url the service's
 * @returns {Promise<string>}
 * @throws {Error} when a command fails
 */
export async function fillSamples(page, url) {
  let filled = '';
  let end = 0;
  for (const { 0: sample, index, groups } of page.matchAll(SAMPLE)) {
    const { command, kind } = groups;
    const output = await run(command.replaceAll(ADDRESS, url));
    filled += `${page.slice(end, index)}\`\`\`sh\n${command}\`\`\`\n\n\`\`\`${kind}\n${output.trim()}\n\`\`\``;
    end = index + sample.length;
  }
  return filled + page.slice(end);
}

/**
 * A page without what is another one each time, so that pages may be compared.
 * @param {string} page
 * @returns {string}
 */
export function comparable(page) {
  return page.replaceAll(IDS, '(id)').replaceAll(TIMES, '(time)');
}

function run(command) {
  return new Promise((resolve, reject) => {
    const shell = spawn('bash', ['-e', '-o', 'pipefail', '-c', command], { cwd: PROJECT_ROOT });
    let output = '';
    let problems = '';
    shell.stdout.on('data', (chunk) => (output += chunk));
    shell.stderr.on('data', (chunk) => (problems += chunk));
    shell.on('error', reject);
    shell.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`This command of the page ends with ${code}:\n${command}${problems}`));
    });
  });
}
