import { subjectOf } from '../answer.js';
import { assertName } from '../names.js';
import { loadParameters, repositoryIndexSchema } from '../models/repository.js';
import { SUBJECTS } from '../subjects.js';
import type { TritonTransport } from '../transport.js';
import type { HttpConnection } from './http-connection.js';
import { ask, tell } from './json-calls.js';
import { repositoryPath } from './paths.js';

/** Which models a server's repository has, and which of them are loaded. */
export function createHttpRepository(
  connection: HttpConnection,
): Pick<TritonTransport, 'repositoryIndex' | 'loadModel' | 'unloadModel'> {
  return {
    repositoryIndex: async ({ ready = false, repository } = {}, call) => {
      const path = `${repositoryPath(repository)}/index`;
      const request = { method: 'POST', path, body: { ready }, schema: repositoryIndexSchema } as const;
      return ask(connection, request, { ...call, subject: SUBJECTS.repository });
    },
    loadModel: async (request, call) => {
      const path = actionPath(request, 'load');
      const parameters = [...loadParameters(request)].map(([name, value]) => [name, toText(value)] as const);
      const body = { parameters: Object.fromEntries(parameters) };
      await tell(connection, { method: 'POST', path, body }, { ...call, subject: subjectOf(request) });
    },
    unloadModel: async (request, call) => {
      const path = actionPath(request, 'unload');
      const body = { parameters: { unload_dependents: request.unloadDependents ?? false } };
      await tell(connection, { method: 'POST', path, body }, { ...call, subject: subjectOf(request) });
    },
  };
}

function actionPath({ model, repository }: { model: string; repository?: string }, action: 'load' | 'unload'): string {
  assertName('model', model);
  return `${repositoryPath(repository)}/models/${encodeURIComponent(model)}/${action}`;
}

/** JSON cannot hold bytes: they go as base64. */
function toText(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : Buffer.from(value).toString('base64');
}
