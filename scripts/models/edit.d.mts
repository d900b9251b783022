import type { Edit } from './catalogue.mjs';

export function editModel(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array;
