import * as z from 'zod';
import { createOpenApi, type OpenApiOptions } from '../../src/server/openapi/create-open-api.js';
import type { DescribedItemModel, DescribedModel } from '../../src/server/openapi/described-model.js';
import type {
  AnswerObject,
  Content,
  OpenApiDocument,
  Operation,
  Reference,
} from '../../src/server/openapi/open-api-document.js';
import type { ItemApi } from '../../src/transformers/item-api.js';
import { fakeTransformer } from './fake-transformer.js';

/** How words look to clients. */
export const WORDS_API: ItemApi = {
  schemaName: 'Words',
  summary: 'Counts letters.',
  instance: { type: 'string' },
  mediaTypes: ['text/x-word'],
  prediction: z.int().min(0),
  explanation: z.looseObject({ letters: z.int() }),
  example: {
    instance: 'abc',
    prediction: 3,
    explanation: { letters: 3 },
    response: { data: [{ score: 1 }] },
    outputs: { length: 3 },
  },
};

/** The model of words that the fake transformer serves, as the description of the API sees it. */
export function describedWords(
  options: { name?: string; api?: ItemApi; singleResponse?: 'multi' | 'bare'; instancesOnly?: boolean } = {},
): DescribedItemModel {
  const { name = 'words', api, singleResponse = 'multi', instancesOnly = false } = options;
  const { toResponse, explain, tensors } = fakeTransformer();
  return {
    kind: 'items',
    name,
    singleResponse,
    info: {
      name,
      inputs: tensors.inputs,
      outputs: [...tensors.outputs, { name: 'response', datatype: 'BYTES', shape: [-1] }],
      maxBatchSize: Infinity,
      versions: ['1'],
      platform: 'kserve_transformer',
    },
    explainOutputs: [{ name: 'response', datatype: 'BYTES', shape: [-1] }],
    transformer: {
      ...(explain !== undefined && { explain }),
      ...(toResponse !== undefined && !instancesOnly && { toResponse }),
      ...(api !== undefined && { api }),
    },
  };
}

/** The description of a service with certain models. */
export function describeApi(
  models: readonly DescribedModel[],
  options: Partial<Omit<OpenApiOptions, 'models'>> = {},
): OpenApiDocument {
  return createOpenApi({
    info: { name: 'kserve-transformer', version: '1.2.3', extensions: [] },
    limits: { maxBodyBytes: 1000, maxItems: 4 },
    isTokenNeeded: false,
    hasDocsPage: true,
    ...options,
    models,
  });
}

/** Every operation with its path and method. */
export function operationsOf({ paths }: OpenApiDocument) {
  return Object.entries(paths).flatMap(([path, item]) =>
    (['get', 'post'] as const).flatMap((method): { path: string; method: 'get' | 'post'; operation: Operation }[] => {
      const operation = item[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
}

/** Checks values against a schema of the document, those that it refers to included. */
export function validatorOf({ components }: OpenApiDocument, schema: object): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: components.schemas });
  return z.fromJSONSchema(
    JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as z.core.JSONSchema.JSONSchema,
  );
}

/** What an answer refers to; itself where it stands in place. */
export function resolveAnswer(answer: AnswerObject | Reference | undefined, { components }: OpenApiDocument) {
  const isReference = (found: typeof answer): found is Reference => found !== undefined && '$ref' in found;
  if (isReference(answer)) return components.responses[answer.$ref.split('/').at(-1) ?? ''];
  return answer;
}

/** The bodies of JSON that are shown, by their names. */
export function shownJson(body: { readonly content?: Content } | undefined): Record<string, unknown> {
  const { examples = {} } = body?.content?.['application/json'] ?? {};
  return Object.fromEntries(Object.entries(examples).map(([name, { value }]) => [name, value]));
}
