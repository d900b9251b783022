/**
 * `npm run train -- SERVICE [OPTIONS]`: sets up Python for it and runs training/SERVICE/train.py with these options;
 * `SERVICE/evaluate` and the like run another program of that folder. `npm run train -- --help` lists them.
 */
import path from 'node:path';
import { PROJECT_ROOT, runProgram } from './processes.mjs';
import { ensureTrainingPython } from './training/environment.mjs';
import { findScript, listTrainings, UnknownScript } from './training/scripts.mjs';
import { PythonUnavailable } from './venv.mjs';

const USAGE = `Usage: npm run train -- SERVICE[/PROGRAM] [OPTIONS]

Runs a program of training/SERVICE, train where none is named, with the options given; --help after its name lists them.`;
const TRAINING = path.join(PROJECT_ROOT, 'training');

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UnknownScript || error instanceof PythonUnavailable)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UnknownScript ? 2 : 1;
}

/** @returns the exit code: 0 for --help, 2 for wrong usage, else the program's */
async function main([name, ...options]) {
  const trainings = await listTrainings(TRAINING);
  if (name === undefined || name.startsWith('-')) {
    console.log(listText(trainings));
    return ['--help', '-h'].includes(name) ? 0 : 2;
  }
  const script = findScript(name, trainings);
  const python = await ensureTrainingPython(console.log);
  return runProgram(python, [path.join('training', script), ...options]);
}

function listText(trainings) {
  const names = trainings.flatMap(({ service, scripts }) => scripts.map(({ name }) => `${service}/${name}`));
  const width = Math.max(0, ...names.map((name) => name.length));
  const lines = trainings.flatMap(({ service, scripts }) =>
    scripts.map(({ name, about }) => `  ${`${service}/${name}`.padEnd(width)}  ${about}`),
  );
  return `${USAGE}\n\n${lines.join('\n')}`;
}
