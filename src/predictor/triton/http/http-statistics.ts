import { subjectOf } from '../answer.js';
import { statisticsSchema } from '../models/statistics-answer.js';
import { modelName } from '../names.js';
import { SUBJECTS } from '../subjects.js';
import type { TritonTransport } from '../transport.js';
import type { HttpConnection } from './http-connection.js';
import { ask } from './json-calls.js';
import { modelPath } from './paths.js';

/** What models have done since they were loaded. */
export function createHttpStatistics(connection: HttpConnection): Pick<TritonTransport, 'statistics'> {
  return {
    statistics: async (model, call) => {
      const path = model === undefined ? '/v2/models/stats' : `${modelPath(model)}/stats`;
      const subject = model === undefined ? SUBJECTS.statistics : subjectOf(modelName(model));
      return ask(connection, { method: 'GET', path, schema: statisticsSchema }, { ...call, subject });
    },
  };
}
