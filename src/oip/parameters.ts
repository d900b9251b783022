import { isRoundedInteger } from './json-integers.js';

/**
 * A parameter of the Open Inference Protocol. A whole number and a bigint stand for int64 (uint64 beyond it), any other
 * number for a double; integers beyond 2^53 are bigints, so that they keep their digits.
 */
export type ParameterValue = string | boolean | number | bigint;

/** A JSON object's members as JSON.parse gives them; undefined and null stand for none. */
type JsonParameters = Readonly<Record<string, unknown>> | null | undefined;

/**
 * Parameters in JSON. What is no single value, as some servers add it, is left out.
 * @param exact the same parameters, integers beyond 2^53 as texts of their digits
 */
export function parametersOfJson(parameters: JsonParameters, exact: JsonParameters): Record<string, ParameterValue> {
  const values = Object.entries(parameters ?? {}).map(([name, value]): [string, unknown] => {
    const digits = isRoundedInteger(value) ? exact?.[name] : undefined;
    return [name, typeof digits === 'string' ? BigInt(digits) : value];
  });
  return Object.fromEntries(values.filter((entry): entry is [string, ParameterValue] => isParameterValue(entry[1])));
}

/** Parameters as the text of a JSON object; bigints with all their digits, which JSON.stringify refuses. */
export function jsonOfParameters(parameters: Iterable<readonly [string, ParameterValue]>): string {
  const members = [...parameters].map(([name, value]) => {
    return `${JSON.stringify(name)}:${typeof value === 'bigint' ? String(value) : JSON.stringify(value)}`;
  });
  return `{${members.join(',')}}`;
}

function isParameterValue(value: unknown): value is ParameterValue {
  return ['string', 'boolean', 'number', 'bigint'].includes(typeof value);
}
