import type { Maker } from './catalogue.mjs';

export function makeModel(maker: Maker): Uint8Array;
