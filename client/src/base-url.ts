/** How a service's address must look, for messages. */
export const EXPECTED_URL = 'expected http://host:port or https://host';

/** The address without query and closing slash, its path kept; undefined when it is no http or https URL. */
export function toBaseUrl(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) return undefined;
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
}
