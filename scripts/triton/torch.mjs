/**
 * PyTorch for Triton's Python backend, which runs TorchScript with it. A build for CPUs alone is one package. The build
 * for CUDA, which is what the Python package index has for Linux on x86, cannot even be imported without 2.7 GB of CUDA
 * libraries: it is installed where that is asked for, and else it is said what is missing.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { lastLines, PROJECT_ROOT, runQuietly } from '../processes.mjs';

const REQUIREMENTS = path.join(PROJECT_ROOT, 'scripts', 'triton', 'torch-requirements.txt');
const PIP = ['-m', 'pip', '--disable-pip-version-check', 'install', '--only-binary', ':all:', '-r', REQUIREMENTS];

/** The packages that only a build for CUDA depends on. */
const CUDA = /^(nvidia|cuda)-/;

/**
 * Installs PyTorch into the Python that Triton's backend uses, where it is not there yet. It is tried again at each
 * run, since whether it can be had depends on what pip is told: PIP_FIND_LINKS, PIP_EXTRA_INDEX_URL.
 * @param {string} programs the folder of the environment's programs
 * @param {(line: string) => void} log
 * @returns {Promise<string | undefined>} why models of TorchScript cannot be run; undefined where they can
 */
export async function ensureTorch(programs, log) {
  const python = path.join(programs, 'python');
  if (await isInstalled(python)) return undefined;
  const takesCuda = process.env['TRITON_TORCH'] === 'cuda';
  if (!takesCuda) {
    const chosen = await runQuietly(python, [...PIP, '--quiet', '--no-deps', '--dry-run', '--report', '-']);
    if (chosen.code !== 0) return `pip cannot get PyTorch: ${lastLines(chosen.output, 2)}`;
    if (needsCuda(chosen.output)) {
      return (
        'pip finds only a build of PyTorch for CUDA. Tell it where one for CPUs is, by PIP_EXTRA_INDEX_URL (PyTorch’s own ' +
        'index of CPU builds) or PIP_FIND_LINKS, or take that one with all its libraries, 2.7 GB, by TRITON_TORCH=cuda.'
      );
    }
  }
  log('Installing PyTorch beside it …');
  const { code, output } = await runQuietly(python, takesCuda ? PIP : [...PIP, '--no-deps']);
  if (code !== 0) return `pip could not install PyTorch: ${lastLines(output, 2)}`;
  if (await isInstalled(python)) return undefined;
  return 'PyTorch is installed and cannot be imported';
}

/**
 * Whether what pip would install depends on the libraries of CUDA.
 * @param {string} output what `pip install --report -` prints; warnings may stand around the report
 */
export function needsCuda(output) {
  const report = JSON.parse(output.slice(output.indexOf('{\n'), output.lastIndexOf('}') + 1));
  return report.install.some(({ metadata }) => metadata.requires_dist?.some((needed) => CUDA.test(needed)));
}

async function isInstalled(python) {
  const [, version] = /^torch==(.*)$/m.exec(await readFile(REQUIREMENTS, 'utf8')) ?? [];
  const { code, output } = await runQuietly(python, ['-c', 'import torch; print(torch.__version__.split("+")[0])']);
  return code === 0 && lastLines(output, 1) === version;
}
