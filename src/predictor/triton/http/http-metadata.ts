import { subjectOf } from '../answer.js';
import { modelConfigSchema } from '../models/config-answer.js';
import { modelMetadataSchema, serverMetadataSchema } from '../models/metadata-answers.js';
import { modelName } from '../names.js';
import { readinessOf } from '../readiness.js';
import { SUBJECTS } from '../subjects.js';
import type { MetadataCalls } from '../transport.js';
import type { HttpCall, HttpConnection } from './http-connection.js';
import { ask, tell } from './json-calls.js';
import { modelPath } from './paths.js';

/** What a server and its models are, and whether they are ready. */
export function createHttpMetadata(connection: HttpConnection): MetadataCalls {
  // Triton says it by the status alone.
  const isOk = (path: string, call: HttpCall) =>
    readinessOf(tell(connection, { method: 'GET', path }, call).then(() => true));
  return {
    isServerLive: (call) => isOk('/v2/health/live', { ...call, subject: SUBJECTS.live }),
    isServerReady: (call) => isOk('/v2/health/ready', { ...call, subject: SUBJECTS.ready }),
    isModelReady: async (model, call) =>
      isOk(`${modelPath(model)}/ready`, { ...call, subject: subjectOf(modelName(model)) }),
    serverMetadata: (call) => {
      const request = { method: 'GET', path: '/v2', schema: serverMetadataSchema } as const;
      return ask(connection, request, { ...call, subject: SUBJECTS.metadata });
    },
    modelMetadata: async (model, call) => {
      const request = { method: 'GET', path: modelPath(model), schema: modelMetadataSchema } as const;
      return ask(connection, request, { ...call, subject: subjectOf(modelName(model)) });
    },
    modelConfig: async (model, call) => {
      const request = { method: 'GET', path: `${modelPath(model)}/config`, schema: modelConfigSchema } as const;
      return ask(connection, request, { ...call, subject: subjectOf(modelName(model)) });
    },
  };
}
