/** What a value is, for messages: `Float64Array`, `string`, `null`. */
export function kindOf(value: unknown): string {
  if (typeof value !== 'object') return typeof value;
  if (value === null) return 'null';
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null ? 'Object' : value.constructor.name;
}
