/** What whoever probes and scrapes has no token for: kubelet, Prometheus, KServe's queue-proxy. */
const PROBES =
  /^\/$|^\/metrics$|^\/v2\/health\/(?:live|ready)$|^\/v1\/models\/[^/:]+$|^\/v2\/models\/[^/]+(?:\/versions\/[^/]+)?\/ready$/;

/** The description of the API and its page, which ask for the token themselves. */
const DESCRIPTION = /^\/openapi\.json$|^\/docs(?:\/|$)/;

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Whether everybody may call, also where a token is needed.
 * @param method in any case
 */
export function isOpen(method: string, path: string): boolean {
  return METHODS.has(method.toUpperCase()) && (PROBES.test(path) || DESCRIPTION.test(path));
}
