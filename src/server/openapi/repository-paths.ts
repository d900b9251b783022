import { schemaOf } from './component-schemas.js';
import { type DescribedModel, modelPath } from './described-model.js';
import type { AnsweredCode } from './error-answers.js';
import type { Paths } from './open-api-document.js';
import { json, mergePaths, operation } from './operation.js';
import { PREDICTOR_ERRORS, PREDICTORS_OWN } from './predictor-answers.js';

/** The tag of the repository's operations. */
export const REPOSITORY_TAG = {
  name: 'repository',
  description: 'Models are listed with their state, unloaded and loaded again, where administration is enabled',
} as const;

const tag = REPOSITORY_TAG.name;

/** The paths of the model repository extension. */
export function repositoryPaths(models: readonly DescribedModel[]): Paths {
  const index: Paths = {
    '/v2/repository/index': {
      post: operation({
        id: 'repositoryIndex',
        tag,
        summary: 'Every model with its state',
        body: { required: false, content: json(schemaOf('RepositoryIndexRequest')) },
        answer: { description: 'The models', content: json(schemaOf('RepositoryIndex')) },
        errors: ['permission_denied'],
      }),
    },
  };
  return mergePaths([index, ...models.map(controlPaths)]);
}

function controlPaths(model: DescribedModel): Paths {
  return {
    [modelPath('/v2/repository/models/', model.name, '/load')]: { post: control(model, 'load') },
    [modelPath('/v2/repository/models/', model.name, '/unload')]: { post: control(model, 'unload') },
  };
}

const CONTROLS = {
  load: { summary: 'Serves a model that was unloaded', schema: 'Loaded' },
  unload: { summary: 'Serves a model no more; calls under way go on', schema: 'Unloaded' },
} as const;

function control({ name, kind }: DescribedModel, action: keyof typeof CONTROLS) {
  const { summary, schema } = CONTROLS[action];
  const errors: readonly AnsweredCode[] = kind === 'requests' ? ['unimplemented', ...PREDICTOR_ERRORS] : [];
  return operation({
    id: `${name}_${action}`,
    tag,
    summary,
    body: { required: false, content: json(schemaOf('RepositoryControlRequest')) },
    answer: {
      description: 'It is done',
      content: json(schemaOf(schema), { done: { value: { name, [action]: true } } }),
    },
    errors: ['permission_denied', 'not_found', ...errors],
    ...(kind === 'requests' && { otherResponses: PREDICTORS_OWN }),
  });
}
