import { makeCifar10StandIn } from './cifar10-stand-in.mjs';

const MAKERS = { 'cifar10-stand-in': makeCifar10StandIn };

/**
 * Makes a model that has no original.
 * @param {keyof typeof MAKERS} maker
 * @returns {Uint8Array} the ONNX file
 */
export function makeModel(maker) {
  return MAKERS[maker]();
}
