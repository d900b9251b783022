import type { ModelReference } from '../administration.js';
import { assertName, modelName } from '../names.js';

/**
 * Where a model is asked for: `/v2/models/face_detect`, `/v2/models/face_detect/versions/2`.
 * @throws ServiceError `invalid_argument` as modelName
 */
export function modelPath(reference: ModelReference): string {
  const { model, version } = modelName(reference);
  const path = `/v2/models/${encodeURIComponent(model)}`;
  return version === '' ? path : `${path}/versions/${version}`;
}

/** Where models of a repository are listed, loaded and unloaded: `/v2/repository`, `/v2/repository/faces`. */
export function repositoryPath(repository: string | undefined): string {
  if (repository === undefined) return '/v2/repository';
  assertName('repository', repository);
  return `/v2/repository/${encodeURIComponent(repository)}`;
}

/** Where regions of shared memory are kept: `/v2/systemsharedmemory`, `/v2/cudasharedmemory/region/faces`. */
export function regionPath(kind: 'system' | 'cuda', name: string | undefined): string {
  const path = `/v2/${kind}sharedmemory`;
  if (name === undefined) return path;
  assertName('name', name);
  return `${path}/region/${encodeURIComponent(name)}`;
}
