import type { ModelReference } from '../administration.js';

/** Where a model is asked for: `/v2/models/face_detect`, `/v2/models/face_detect/versions/2`. */
export function modelPath(reference: ModelReference): string {
  const { model, version = '' } = typeof reference === 'string' ? { model: reference } : reference;
  const path = `/v2/models/${encodeURIComponent(model)}`;
  return version === '' ? path : `${path}/versions/${encodeURIComponent(version)}`;
}
