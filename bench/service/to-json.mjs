/** Of what is measured, more digits mean nothing. */
const SIGNIFICANT_DIGITS = 4;

/** @returns {string} the results as JSON for people and programs, its numbers rounded */
export function toJson(results) {
  const round = (_, value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(SIGNIFICANT_DIGITS)) : value;
  return `${JSON.stringify(results, round, 2)}\n`;
}
