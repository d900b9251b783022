import { excerpt, ServiceError } from '../../errors.js';
import type { LogSettings, UpdateTraceSettingsRequest } from './administration.js';

/** The one trace setting that takes several texts. */
export const TRACE_LEVEL = 'trace_level';

const MAX_UINT32 = 2 ** 32 - 1;

/**
 * The trace settings to be changed, each a list of texts; an empty one takes the setting back.
 * @throws ServiceError `invalid_argument` for an empty list, and for more than one text where there is one
 */
export function traceChanges({ settings }: UpdateTraceSettingsRequest): ReadonlyMap<string, readonly string[]> {
  const changes = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(settings)) {
    const texts = typeof value === 'string' ? [value] : (value ?? []);
    const isValid = value === null || texts.length === 1 || (name === TRACE_LEVEL && texts.length > 1);
    if (!isValid) {
      const expected = name === TRACE_LEVEL ? 'at least one text' : 'one text';
      const message = `settings.${excerpt(name)} must be ${expected}, or null to take it back; received ${texts.length}`;
      throw new ServiceError('invalid_argument', message);
    }
    changes.set(name, texts);
  }
  return changes;
}

/**
 * Refuses numbers that no log setting can have.
 * @throws ServiceError `invalid_argument`
 */
export function assertLogSettings(settings: LogSettings): void {
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value !== 'number' || (Number.isInteger(value) && value >= 0 && value <= MAX_UINT32)) continue;
    const message = `${excerpt(name)} must be an integer from 0 to ${MAX_UINT32}; received ${value}`;
    throw new ServiceError('invalid_argument', message);
  }
}
