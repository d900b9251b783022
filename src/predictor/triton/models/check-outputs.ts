import type { Datatype } from '../../../tensor.js';
import type { RequestedOutput, TritonInferRequest } from '../inference.js';
import type { ModelDescription } from './model-description.js';
import { refusal, unknownName } from './refusal.js';

/**
 * What Triton's servers classify (TopkClassifications in classification.cc). They refuse the others; of BYTES, 2.51
 * dies instead.
 */
const CLASSIFIED: readonly Datatype[] = [
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP32',
  'FP64',
];

/**
 * Refuses outputs that their model does not give in the form asked for. An output that is named twice in the same way
 * is no harm, as for Triton; asked for in two forms, it would come in one of them alone.
 * @throws ServiceError `invalid_argument`
 */
export function checkOutputs(
  requested: NonNullable<TritonInferRequest['outputs']>,
  { name: model, outputs: known, hasConfig }: ModelDescription,
): void {
  const seen = new Map<string, RequestedOutput>();
  for (const output of requested.map(toRequestedOutput)) {
    const { name, classification, sharedMemory } = output;
    const wanted = known.find((tensor) => tensor.name === name);
    // A server that is no Triton may describe its models without a word on their tensors.
    if (wanted === undefined && (known.length > 0 || hasConfig)) {
      throw unknownName('output', name, { model, known: known.map((tensor) => tensor.name) });
    }
    if (seen.has(name) && (isSpecial(output) || isSpecial(seen.get(name)))) {
      throw refusal(`outputs.${name} must be asked for in one form; received two`);
    }
    seen.set(name, output);
    if (classification === undefined) continue;
    if (!Number.isInteger(classification) || classification < 1) {
      throw refusal(`outputs.${name}.classification must be a whole number from 1 on; received ${classification}`);
    }
    if (sharedMemory !== undefined) {
      throw refusal(`outputs.${name} must have either classification or sharedMemory; received both`);
    }
    if (wanted !== undefined && !CLASSIFIED.includes(wanted.datatype)) {
      throw refusal(`outputs.${name} must hold integers, FP32 or FP64 to be classified; it is ${wanted.datatype}`);
    }
  }
}

function toRequestedOutput(output: string | RequestedOutput): RequestedOutput {
  return typeof output === 'string' ? { name: output } : output;
}

function isSpecial(output: RequestedOutput | undefined): boolean {
  return output?.classification !== undefined || output?.sharedMemory !== undefined;
}
