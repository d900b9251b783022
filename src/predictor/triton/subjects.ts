import { excerpt } from '../../errors.js';

/** What is asked of a server itself, for messages. */
export const SUBJECTS = {
  live: 'its liveness',
  ready: 'its readiness',
  metadata: 'its metadata',
  repository: 'its model repository',
  statistics: 'its statistics',
  traceSettings: 'its trace settings',
  logSettings: 'its log settings',
} as const;

/** What is asked of its shared memory, for messages: `cuda shared-memory region faces`. */
export function regionSubject(kind: 'system' | 'cuda', name: string | undefined): string {
  return name === undefined ? `its ${kind} shared memory` : `${kind} shared-memory region ${excerpt(name)}`;
}
