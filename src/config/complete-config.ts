import type * as z from 'zod';
import { type GivenValues, originOf } from './given-values.js';
import { isPatternFor } from './list-fields.js';
import type { processOptions } from './option-groups.js';
import { INT32_MAX } from './options/units.js';

/** Where a client's token comes. */
const TOKEN_HEADER = 'authorization';

/** `http_port` → `httpPort`. */
type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type ProcessValues = z.output<typeof processOptions>;

/** The process's options with the defaults that depend on others put in. */
type CompleteValues = Omit<ProcessValues, 'grpc_max_receive_message_length'> & {
  readonly grpc_max_receive_message_length: number;
};

/** The process's options, complete and checked, under camel-case names. */
export type Config = Readonly<{ [Name in keyof CompleteValues as CamelCase<Name>]: CompleteValues[Name] }>;

/** Puts in the defaults that depend on other options. */
export function completeConfig(values: ProcessValues, given: GivenValues): Config {
  const complete: CompleteValues = {
    ...values,
    grpc_max_receive_message_length:
      values.grpc_max_receive_message_length ?? Math.min(values.max_body_bytes, INT32_MAX),
    forward_headers: forwardedHeaders(values, given),
  };
  return camelCased(complete);
}

/** Options that are right each by itself, and cannot be so together. */
export function contradictions(values: ProcessValues, given: GivenValues): string[] {
  return [
    ...noRoom(values, 'pixel_budget', 'max_pixels'),
    ...noRoom(values, 'body_budget_bytes', 'max_body_bytes'),
    ...onePort(values),
    ...oneWithoutTheOther(values, 'ssl_certfile', 'ssl_keyfile'),
    ...oneWithoutTheOther(values, 'ssl_keyfile', 'ssl_certfile'),
    ...tokenByPattern(values, given),
  ];
}

function noRoom(
  values: ProcessValues,
  budget: 'pixel_budget' | 'body_budget_bytes',
  largest: 'max_pixels' | 'max_body_bytes',
): string[] {
  return values[budget] < values[largest]
    ? [`--${budget} ${values[budget]} is less than --${largest} ${values[largest]}`]
    : [];
}

function onePort({ enable_grpc, grpc_port, http_port }: ProcessValues): string[] {
  return enable_grpc && grpc_port === http_port && grpc_port !== 0
    ? [`--grpc_port ${grpc_port} is --http_port, too`]
    : [];
}

type FileOption = 'ssl_certfile' | 'ssl_keyfile';

function oneWithoutTheOther(values: ProcessValues, one: FileOption, other: FileOption): string[] {
  return values[one] !== undefined && values[other] === undefined ? [`--${one} needs --${other}`] : [];
}

/** The token that the service itself asks for goes to the predictor only when it is asked for by its name. */
function forwardedHeaders({ bearer_token_file, forward_headers }: ProcessValues, given: GivenValues) {
  return bearer_token_file === undefined || given.has('forward_headers')
    ? forward_headers
    : forward_headers.filter((name) => name !== TOKEN_HEADER);
}

function tokenByPattern({ bearer_token_file, forward_headers }: ProcessValues, given: GivenValues): string[] {
  if (bearer_token_file === undefined || forward_headers.includes(TOKEN_HEADER)) return [];
  return forward_headers
    .filter((entry) => isPatternFor(entry, TOKEN_HEADER))
    .map(
      (entry) =>
        `${originOf(given, 'forward_headers')}: "${entry}" means ${TOKEN_HEADER}, too, which holds the token of --bearer_token_file; name ${TOKEN_HEADER} itself if the predictor is to have it`,
    );
}

function camelCased(values: CompleteValues): Config {
  const entries = Object.entries(values).map(([name, value]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.freeze(Object.fromEntries(entries)) as Config;
}
