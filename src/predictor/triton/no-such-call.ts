import { ServiceError } from '../../errors.js';

/** The error of a call that one of the protocols lacks: `inferStream needs gRPC; the predictor is called over HTTP`. */
export function noSuchCall(name: string, needed: 'HTTP' | 'gRPC'): ServiceError {
  const used = needed === 'HTTP' ? 'gRPC' : 'HTTP';
  return new ServiceError('unimplemented', `${name} needs ${needed}; the predictor is called over ${used}`);
}

/** A stream that fails with its first part. */
export function failingStream(error: ServiceError): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
