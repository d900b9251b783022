import type { Response } from 'common-data-type';
import type * as z from 'zod';

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** How a service's items and answers look to its clients; the description of the API is made from it. */
export interface ItemApi {
  /** Begins the names of its schemas: `FaceQuality` gives `FaceQualityPredictions`. Letters and digits. */
  readonly schemaName: string;
  /** What the service does, in one sentence. */
  readonly summary: string;
  /** An element of V1's `instances`. */
  readonly instance: JsonSchema;
  /** The media types of bodies that are one item whole, `image/png`; empty when items have no such form. */
  readonly mediaTypes: readonly string[];
  /** An entry of V1's `predictions`. */
  readonly prediction: z.ZodType;
  /** An entry of V1's `explanations`; absent when the service explains nothing. */
  readonly explanation?: z.ZodType;
  readonly example: ItemExample;
}

/** An item that may be sent as it stands, and the service's own answers to it. */
export interface ItemExample {
  /** As an element of `instances`, as `data.item`, and as the one element of the BYTES input. */
  readonly instance: string;
  readonly prediction: unknown;
  readonly explanation?: unknown;
  /** Absent when the service does not speak Request and MultiRequest. */
  readonly response?: Response;
  /** The value of each output besides `response`, by the output's name; a row of values where an item has many. */
  readonly outputs: Readonly<Record<string, number | string | readonly number[]>>;
}
