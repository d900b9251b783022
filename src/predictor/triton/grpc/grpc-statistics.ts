import { subjectOf } from '../answer.js';
import { statisticsSchema } from '../models/statistics-answer.js';
import { modelName } from '../names.js';
import { parseAnswer } from '../parse-answer.js';
import { SUBJECTS } from '../subjects.js';
import type { TritonTransport } from '../transport.js';
import type { AdministrationRpcs } from './administration-rpcs.js';
import type { GrpcChannel } from './grpc-channel.js';

/** No name stands for all models. */
const ALL_MODELS = { model: '', version: '' };

/** What models have done since they were loaded. */
export function createGrpcStatistics(
  channel: GrpcChannel,
  service: AdministrationRpcs,
): Pick<TritonTransport, 'statistics'> {
  return {
    statistics: async (reference, call) => {
      const { model: name, version } = reference === undefined ? ALL_MODELS : modelName(reference);
      const subject = reference === undefined ? SUBJECTS.statistics : subjectOf({ model: name });
      const message = await channel.call(service.ModelStatistics, { name, version }, { ...call, subject });
      return parseAnswer(message, statisticsSchema, subject);
    },
  };
}
