/** Schemas of an OpenAPI document as tables of their fields. */
import { table } from './table.mjs';

const REFERENCE = '#/components/schemas/';

/** Of longer lists of values, the first two and the last one are named. */
const MAX_VALUES = 8;

/**
 * Each schema under a heading of its own.
 * @param {{ components: { schemas: Record<string, object> } }} document
 * @returns {string}
 */
export function schemaSections({ components: { schemas } }) {
  const sections = Object.entries(schemas).flatMap(([name, schema]) => {
    const fields = schema.type === 'array' ? innerFields(schema, '') : fieldsOf(schema, '');
    return [`### ${name}`, ...[schema.description ?? []].flat(), fieldTable(fields)];
  });
  return sections.join('\n\n');
}

/**
 * What a schema takes, in words, with links to the schemas that it names.
 * @param {object} schema
 * @returns {string}
 */
export function typeText(schema) {
  const { $ref, anyOf, allOf, type, const: constant, enum: values, items, prefixItems, properties } = schema;
  if ($ref !== undefined) return link($ref);
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  if (anyOf !== undefined && properties === undefined) return alternatives(anyOf.map(typeText));
  if (allOf !== undefined) return allOf.map(typeText).join(' and ');
  if (values !== undefined) return valuesText(values.map((value) => `\`${value}\``));
  if (Array.isArray(type)) return alternatives(type);
  if (prefixItems !== undefined) return `${prefixItems.length} × ${typeText(prefixItems[0])}`;
  if (type === 'array') return listText(schema, items);
  if (schema.format === 'binary') return 'bytes';
  if (type === 'object') return objectText(schema);
  return type === undefined ? 'any JSON' : type + rangeText(schema);
}

/** Rows of a schema's fields, those of objects within it included: `inputs[].name`. */
function fieldsOf(schema, path) {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, field]) => {
    const place = `${path}${name}`;
    const row = { place, isOptional: !required.includes(name), type: typeText(field), said: field.description ?? '' };
    return [row, ...innerFields(field, place)];
  });
}

/** Of what may be null or one of several, the fields of each. */
function innerFields(field, place) {
  const inner = field.type === 'array' ? field.items : undefined;
  if (inner !== undefined) return innerFields(inner, `${place}[]`);
  if (field.anyOf !== undefined) return field.anyOf.flatMap((each) => innerFields(each, place));
  return fieldsOf(field, `${place}.`);
}

function fieldTable(fields) {
  const rows = fields.map(({ place, isOptional, type, said }) => [`\`${place}\`${isOptional ? '?' : ''}`, type, said]);
  return table(['field', 'type', 'meaning'], rows);
}

function listText({ minItems, maxItems }, items) {
  const many = minItems !== undefined && minItems === maxItems ? `${minItems} × ` : 'list of ';
  return items === undefined || Object.keys(items).length === 0 ? 'list' : many + typeText(items);
}

function objectText({ properties = {}, additionalProperties }) {
  const isMap = Object.keys(properties).length === 0 && Object.keys(additionalProperties ?? {}).length > 0;
  return isMap ? `object of ${typeText(additionalProperties)}` : 'object';
}

function rangeText({ minimum, maximum }) {
  if (minimum === undefined) return '';
  return maximum === undefined ? `, at least ${minimum}` : `, ${minimum}..${maximum}`;
}

function alternatives(texts) {
  const distinct = [...new Set(texts)];
  return distinct.length < 2 ? distinct.join('') : `${distinct.slice(0, -1).join(', ')} or ${distinct.at(-1)}`;
}

function valuesText(values) {
  return values.length > MAX_VALUES ? `${values[0]}, ${values[1]}, … ${values.at(-1)}` : alternatives(values);
}

function link(reference) {
  const name = reference.slice(REFERENCE.length);
  return `[${name}](#${name.toLowerCase()})`;
}
