import type { AnsweredCode } from './error-answers.js';
import { schemaOf } from './component-schemas.js';
import type { AnswerObject } from './open-api-document.js';
import { json } from './operation.js';

/** Errors of whatever asks a predictor. */
export const PREDICTOR_ERRORS: readonly AnsweredCode[] = ['upstream_error', 'unavailable', 'deadline_exceeded'];

const OWN_ERROR: AnswerObject = {
  description: "The predictor's own status and words, handed on",
  content: json(schemaOf('Error')),
};

/** What a model that hands requests on may answer besides. */
export const PREDICTORS_OWN = { '4XX': OWN_ERROR, '5XX': OWN_ERROR } as const;
