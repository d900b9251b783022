import { subjectOf } from '../answer.js';
import { modelConfigSchema } from '../models/config-answer.js';
import { modelMetadataSchema, serverMetadataSchema } from '../models/metadata-answers.js';
import { modelName } from '../names.js';
import { parseAnswer } from '../parse-answer.js';
import { readinessOf } from '../readiness.js';
import { SUBJECTS } from '../subjects.js';
import type { MetadataCalls } from '../transport.js';
import type { AdministrationRpcs, ConfigMessage } from './administration-rpcs.js';
import type { GrpcChannel } from './grpc-channel.js';

/** What a server and its models are, and whether they are ready. */
export function createGrpcMetadata(channel: GrpcChannel, service: AdministrationRpcs): MetadataCalls {
  return {
    isServerLive: (call) => {
      const answer = channel.call(service.ServerLive, {}, { ...call, subject: SUBJECTS.live });
      return readinessOf(answer.then(({ live }) => live));
    },
    isServerReady: (call) => {
      const answer = channel.call(service.ServerReady, {}, { ...call, subject: SUBJECTS.ready });
      return readinessOf(answer.then(({ ready }) => ready));
    },
    isModelReady: async (reference, call) => {
      const { model: name, version } = modelName(reference);
      const answer = channel.call(
        service.ModelReady,
        { name, version },
        { ...call, subject: subjectOf({ model: name }) },
      );
      return readinessOf(answer.then(({ ready }) => ready));
    },
    serverMetadata: async (call) => {
      const message = await channel.call(service.ServerMetadata, {}, { ...call, subject: SUBJECTS.metadata });
      return parseAnswer(message, serverMetadataSchema, SUBJECTS.metadata);
    },
    modelMetadata: async (reference, call) => {
      const { model: name, version } = modelName(reference);
      const subject = subjectOf({ model: name });
      const message = await channel.call(service.ModelMetadata, { name, version }, { ...call, subject });
      return parseAnswer(message, modelMetadataSchema, subject);
    },
    modelConfig: async (reference, call) => {
      const { model: name, version } = modelName(reference);
      const subject = subjectOf({ model: name });
      const { config } = await channel.call(service.ModelConfig, { name, version }, { ...call, subject });
      return parseAnswer(withNumberedLevels(config), modelConfigSchema, subject);
    },
  };
}

/**
 * The configuration with priority levels in digits: protobufjs makes of a 64-bit key of a map eight characters, one a
 * byte, the lowest first (util.longToHash).
 */
function withNumberedLevels(config: ConfigMessage | null): unknown {
  const { dynamic_batching: batching } = config ?? {};
  if (batching === undefined || batching === null) return config;
  const policies = Object.entries(batching.priority_queue_policy).map(([key, policy]) => {
    return [Buffer.from(key, 'latin1').readBigUInt64LE().toString(), policy] as const;
  });
  return { ...config, dynamic_batching: { ...batching, priority_queue_policy: Object.fromEntries(policies) } };
}
