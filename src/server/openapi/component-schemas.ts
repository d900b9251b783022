import {
  extraInfoSchema,
  itemErrorSchema,
  multiRequestSchema,
  multiResponseSchema,
  requestSchema,
  responseExtraInfoSchema,
  responseItemSchema,
  responseSchema,
} from 'common-data-type';
import * as z from 'zod';
import type { ItemApi, JsonSchema } from '../../transformers/item-api.js';
import { CLOUD_EVENT_SCHEMA } from '../cloud-event.js';
import { inferRequestSchema } from '../rest-v2/infer-request-json.js';
import { controlRequestSchema, indexRequestSchema } from '../rest-v2/repository-routes.js';
import * as answers from './answer-schemas.js';
import type { Reference } from './open-api-document.js';

/** What stands in an item's place when it could not be worked on. */
const failedItemSchema = z.looseObject({ error: itemErrorSchema });

/** The schemas of every service, those that validate among them, by the names that they get. */
const COMMON = {
  Request: requestSchema,
  MultiRequest: multiRequestSchema,
  ExtraInfo: extraInfoSchema,
  Response: responseSchema,
  MultiResponse: multiResponseSchema,
  ResponseItem: responseItemSchema,
  ResponseExtraInfo: responseExtraInfoSchema,
  ItemError: itemErrorSchema,
  FailedItem: failedItemSchema,
  Error: answers.errorSchema,
  Alive: answers.aliveSchema,
  Live: answers.liveSchema,
  Ready: answers.readySchema,
  ModelList: answers.modelListSchema,
  ModelReady: answers.modelReadySchema,
  OpenApi: answers.openApiSchema,
  ServerMetadata: answers.serverMetadataSchema,
  ModelMetadata: answers.modelMetadataSchema,
  InferRequest: inferRequestSchema,
  InferResponse: answers.inferResponseSchema,
  RepositoryIndexRequest: indexRequestSchema,
  RepositoryIndex: answers.repositoryIndexSchema,
  RepositoryControlRequest: controlRequestSchema,
  Loaded: answers.loadedSchema,
  Unloaded: answers.unloadedSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;

/** What is known of items of which their service says nothing. */
const ANY_ITEMS = { schemaName: 'Any', instance: {}, prediction: z.unknown(), explanation: z.unknown() } as const;

/** The part of a service's description that its schemas are made from. */
export type ItemSchemas = Pick<ItemApi, 'schemaName' | 'instance' | 'prediction' | 'explanation'>;

/** The schemas of a service's items: its own, or those of items of any kind. */
export function itemSchemas(api: ItemApi | undefined): ItemSchemas {
  return api ?? ANY_ITEMS;
}

/** Points to one of the schemas that every service has. */
export function schemaOf(name: keyof typeof COMMON | 'CloudEvent'): Reference {
  return reference(name);
}

/** Points to one of the schemas of a service's items. */
export function itemSchemaOf(
  { schemaName }: ItemSchemas,
  name: 'Instances' | 'Predictions' | 'Explanations',
): Reference {
  return reference(`${schemaName}${name}`);
}

/**
 * Every schema of the document as JSON Schema, made from the zod schemas; those that refer to one another do so by name.
 * @param services each service whose items are described, once
 * @throws Error for a zod schema that JSON Schema cannot express and that does not say itself what stands for it
 */
export function componentSchemas(services: readonly ItemSchemas[]): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMMON)) registry.add(schema, { id });
  for (const { schemaName, prediction, explanation } of services) {
    registry.add(listOf('predictions', prediction), { id: `${schemaName}Predictions` });
    if (explanation !== undefined) {
      registry.add(listOf('explanations', explanation), { id: `${schemaName}Explanations` });
    }
  }
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => reference(id).$ref,
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: ({ zodSchema }) => (z.globalRegistry.has(zodSchema) ? {} : 'throw'),
    override: ({ jsonSchema }) => withoutSafeIntegerBounds(jsonSchema),
  });
  return Object.fromEntries([
    ...Object.entries(schemas).map(([id, schema]) => [id, withoutIdentity(schema)] as const),
    ...services.map((service) => [`${service.schemaName}Instances`, instancesSchema(service)] as const),
    ['CloudEvent', CLOUD_EVENT_SCHEMA],
  ]);
}

function reference(name: string): Reference {
  return { $ref: `#/components/schemas/${name}` };
}

/** `{"predictions":[…]}`: an item's outcome, or its error in its place. */
function listOf(key: string, outcome: z.ZodType): z.ZodType {
  return z.looseObject({ [key]: z.array(z.union([outcome, failedItemSchema])) });
}

function instancesSchema({ instance }: ItemSchemas): JsonSchema {
  return { type: 'object', required: ['instances'], properties: { instances: { type: 'array', items: instance } } };
}

/** Where a schema stands in the document says what it is called and of which draft it is. */
function withoutIdentity(schema: object): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}

/** zod's integers are bound by what a number holds exactly, which says nothing of what is meant. */
function withoutSafeIntegerBounds(schema: { minimum?: unknown; maximum?: unknown }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
