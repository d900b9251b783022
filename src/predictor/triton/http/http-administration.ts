import type { TritonAdministration } from '../administration.js';
import type { TransportCall } from '../transport.js';
import type { HttpConnection } from './http-connection.js';
import { createHttpMetadata } from './http-metadata.js';
import { createHttpRepository } from './http-repository.js';
import { createHttpSettings } from './http-settings.js';
import { createHttpSharedMemory } from './http-shared-memory.js';
import { createHttpStatistics } from './http-statistics.js';

/** Everything that can be asked of a Triton server besides inference, over HTTP. */
export function createHttpAdministration(connection: HttpConnection): TritonAdministration<[call: TransportCall]> {
  return {
    ...createHttpMetadata(connection),
    ...createHttpRepository(connection),
    ...createHttpStatistics(connection),
    ...createHttpSettings(connection),
    ...createHttpSharedMemory(connection),
  };
}
