import type { JsonSchema } from '../../transformers/item-api.js';

/** The part of OpenAPI 3.1 that is used here. https://spec.openapis.org/oas/v3.1.0 */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Readonly<Record<string, unknown>>;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly SecurityRequirement[];
  readonly paths: Paths;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, AnswerObject>>;
    readonly parameters: Readonly<Record<string, ParameterObject>>;
    readonly headers: Readonly<Record<string, HeaderObject>>;
    readonly securitySchemes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}

/** Operations by path and method. */
export type Paths = Readonly<Record<string, PathItem>>;

/** The operations of one path. */
type PathItem = Readonly<Partial<Record<'get' | 'post', Operation>>>;

/** One operation: a path with its method. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly (ParameterObject | Reference)[];
  readonly requestBody?: RequestBody;
  readonly responses: Readonly<Record<string, AnswerObject | Reference>>;
  readonly security?: readonly SecurityRequirement[];
}

/** The name of a security scheme with its scopes; an object without any means that none is needed. */
type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/** Points to a part of the document, `#/components/schemas/Request`. */
export interface Reference {
  readonly $ref: string;
}

/** A parameter in the path or among the headers. */
export interface ParameterObject extends HeaderObject {
  readonly name: string;
  readonly in: 'path' | 'header';
}

/** A header of an answer. */
export interface HeaderObject {
  readonly description: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

/** The body of a request. */
export interface RequestBody {
  readonly description?: string;
  readonly required: boolean;
  readonly content: Content;
}

/** One answer of an operation. */
export interface AnswerObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, HeaderObject | Reference>>;
  readonly content?: Content;
  readonly [extension: `x-${string}`]: unknown;
}

/** A body in each of its media types. */
export type Content = Readonly<Record<string, MediaType>>;

/** A body in one media type. */
export interface MediaType {
  readonly schema: JsonSchema | Reference;
  readonly examples?: Readonly<Record<string, Example>>;
}

/** A body as an example. */
export interface Example {
  readonly summary?: string;
  readonly value: unknown;
}
