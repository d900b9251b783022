import { subjectOf } from '../answer.js';
import { loadParameters, repositoryIndexSchema } from '../models/repository.js';
import { assertName } from '../names.js';
import { parseAnswer } from '../parse-answer.js';
import { SUBJECTS } from '../subjects.js';
import type { TritonTransport } from '../transport.js';
import type { AdministrationRpcs, RepositoryParameterMessage } from './administration-rpcs.js';
import type { GrpcChannel } from './grpc-channel.js';

/** Which models a server's repository has, and which of them are loaded. */
export function createGrpcRepository(
  channel: GrpcChannel,
  service: AdministrationRpcs,
): Pick<TritonTransport, 'repositoryIndex' | 'loadModel' | 'unloadModel'> {
  return {
    repositoryIndex: async ({ ready = false, repository } = {}, call) => {
      const request = { repository_name: repositoryName(repository), ready };
      const subject = SUBJECTS.repository;
      const { models } = await channel.call(service.RepositoryIndex, request, { ...call, subject });
      return parseAnswer(models, repositoryIndexSchema, subject);
    },
    loadModel: async (request, call) => {
      const parameters = [...loadParameters(request)].map(([name, value]) => [name, toMessage(value)] as const);
      const message = { ...modelToTouch(request), parameters: Object.fromEntries(parameters) };
      await channel.call(service.RepositoryModelLoad, message, { ...call, subject: subjectOf(request) });
    },
    unloadModel: async (request, call) => {
      const parameters = { unload_dependents: { bool_param: request.unloadDependents ?? false } };
      const message = { ...modelToTouch(request), parameters };
      await channel.call(service.RepositoryModelUnload, message, { ...call, subject: subjectOf(request) });
    },
  };
}

function modelToTouch({ model, repository }: { model: string; repository?: string }) {
  assertName('model', model);
  return { model_name: model, repository_name: repositoryName(repository) };
}

/** '' stands for all repositories. */
function repositoryName(repository: string | undefined): string {
  if (repository === undefined) return '';
  assertName('repository', repository);
  return repository;
}

function toMessage(value: string | Uint8Array): RepositoryParameterMessage {
  return typeof value === 'string' ? { string_param: value } : { bytes_param: value };
}
