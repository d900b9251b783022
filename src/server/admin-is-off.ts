import { ServiceError } from '../errors.js';

/** The error of calls that only administrators may make. */
export function adminIsOff(): ServiceError {
  const message = 'Models cannot be listed, loaded and unloaded here: the service runs without --enable_admin';
  return new ServiceError('permission_denied', message);
}
