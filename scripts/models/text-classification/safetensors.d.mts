import type { CheckpointTensor } from './bert-graph.mjs';

export function readSafetensors(file: Buffer): Map<string, CheckpointTensor>;
