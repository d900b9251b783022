import { ServiceError } from '../../errors.js';
import { kindOf } from './kind-of.js';

/**
 * An object as JSON.
 * @param field what the message calls it: `payload`
 * @throws ServiceError `invalid_argument` for what is no object, and for what JSON cannot hold
 */
export function toJsonText(field: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    throw new ServiceError('invalid_argument', `${field} must be an object; received ${kindOf(value)}`);
  }
  try {
    return JSON.stringify(value);
  } catch (error) {
    const message = `${field} must hold what JSON can: no bigint, and nothing that holds itself`;
    throw new ServiceError('invalid_argument', message, { cause: error });
  }
}
