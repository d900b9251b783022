import * as z from 'zod';
import { ClientError } from './client-error.js';
import { createJsonHttp } from './json-http.js';

const DEFAULT_TIMEOUT_MS = 60_000;

const readinessSchema = z.looseObject({ ready: z.union([z.boolean(), z.stringbool()]) });

/** Where a model is served and how to talk to its service. */
export interface ConnectionOptions {
  /** `http://host:port` or `https://host`, with a path where the service lies behind one. */
  readonly url: string;
  /** The name under which the model is served. */
  readonly model: string;
  /** Limit of one call in milliseconds; 60000 when absent. */
  readonly timeoutMs?: number;
  /** Sent with every call, `host` for instance where an ingress chooses by it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `authorization: Bearer …`. */
  readonly token?: string | undefined;
}

/** What V1 has a model do. */
export type Verb = 'predict' | 'explain';

/** One model of a service, over KServe's V1 routes. */
export interface ModelConnection {
  /**
   * Sends a body to `/v1/models/{model}:{verb}`.
   * @returns the answer, parsed
   * @throws ClientError when the service refuses, or no usable answer comes
   */
  call(verb: Verb, body: unknown, signal?: AbortSignal): Promise<unknown>;
  /**
   * Whether the model can be called now; false too while nothing listens there.
   * @throws ClientError when the service refuses to say, 404 for an unknown model for instance
   */
  ready(): Promise<boolean>;
  /** Closes the connections, once running calls have ended. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens no connection yet.
 * @throws ClientError `invalid_url`
 */
export function createModelConnection(options: ConnectionOptions): ModelConnection {
  const { url, model, timeoutMs = DEFAULT_TIMEOUT_MS, token } = options;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const http = createJsonHttp({ url, timeoutMs, headers: { ...authorization, ...options.headers } });
  const path = `/v1/models/${encodeURIComponent(model)}`;
  return {
    call: (verb, body, signal) => http.call(`${path}:${verb}`, { body, signal }),
    ready: async () => {
      try {
        return readinessSchema.safeParse(await http.call(path)).data?.ready ?? false;
      } catch (thrown) {
        const isNotYet = thrown instanceof ClientError && (thrown.status === 503 || thrown.code === 'unreachable');
        if (isNotYet) return false;
        throw thrown;
      }
    },
    close: () => http.close(),
  };
}
