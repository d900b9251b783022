import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { abortReason, startDeadline, untilAborted } from '../../../concurrency/deadline.js';
import { ServiceError } from '../../../errors.js';
import type { PredictorAddress } from '../address.js';
import type { ConnectOptions } from '../connect-options.js';
import { toNodeTls } from '../tls-options.js';
import { unreachable } from '../upstream-error.js';
import type { RequestHeaders } from './http2/hpack-encoder.js';
import { type Http2Connection, type Http2Target, openHttp2 } from './http2-connection.js';

/** While some of the connections are there, the missing ones are tried again no more often than this. */
const RETRY_INTERVAL_MS = 1000;

/** Gives the IP addresses of a name. */
export type ResolveHost = (name: string) => Promise<readonly string[]>;

/** How the connections are made. */
export type Http2Options = Pick<ConnectOptions, 'connectTimeoutMs' | 'channels' | 'tls' | 'keepAlive'> & {
  /** What every request begins with, beside its path and where it goes to. */
  readonly headers?: RequestHeaders;
};

/** The connections to all addresses of a server. */
export interface Http2Connections {
  /**
   * A connection for one call: they are taken in turn, over all addresses of the name (gRPC's `round_robin`). Where
   * there is none the name is looked up anew and connections are made, once for all calls that wait.
   * @throws ServiceError `unavailable`, safe to retry, when none can be made; the signal's reason when it is aborted
   */
  take(signal: AbortSignal): Promise<Http2Connection>;
  /** Ends all of them; safe to call twice. */
  close(): void;
}

/** Prepares connections; they are made when the first call takes one. */
export function createHttp2Connections(
  address: PredictorAddress,
  options: Http2Options,
  resolveHost: ResolveHost = lookUp,
): Http2Connections {
  return new Connections(address, options, resolveHost);
}

/** A place for a connection, there or being made. */
interface Slot {
  readonly ip: string;
  /** Settles when it is there, or could not be made. */
  readonly opened: Promise<void>;
}

class Connections implements Http2Connections {
  readonly #host: string;
  readonly #target: Omit<Http2Target, 'ip'>;
  readonly #options: Http2Options;
  readonly #resolveHost: ResolveHost;
  readonly #closing = new AbortController();
  /** Those that are there have a connection. */
  readonly #slots = new Map<Slot, Http2Connection | undefined>();
  /** All that have not ended: those too that take no further calls, but work on some. */
  readonly #connections = new Set<Http2Connection>();
  /** The slots' connections, for calls to take in turn. */
  #ready: readonly Http2Connection[] = [];
  #turn = 0;
  #wantedCount = 0;
  #connecting: Promise<void> | undefined;
  #triedAt = 0;

  constructor({ host, port, tls }: PredictorAddress, options: Http2Options, resolveHost: ResolveHost) {
    this.#host = host.replace(/^\[|\]$/g, '');
    const nodeTls = { ...(isIP(this.#host) === 0 && { servername: this.#host }), ...toNodeTls(options.tls) };
    const headers = {
      ':method': 'POST',
      ':scheme': tls ? 'https' : 'http',
      ':authority': `${host}:${port}`,
      ...options.headers,
    };
    this.#target = { port, tls: tls ? nodeTls : undefined, headers, keepAlive: options.keepAlive };
    this.#options = options;
    this.#resolveHost = resolveHost;
  }

  async take(signal: AbortSignal): Promise<Http2Connection> {
    let connection = this.#next();
    if (connection === undefined) {
      await untilAborted(this.#connect(), signal);
      connection = this.#next();
      if (connection === undefined) throw unreachable(new Error('the connection was lost as soon as it was made'));
    } else if (this.#ready.length < this.#wantedCount && performance.now() - this.#triedAt > RETRY_INTERVAL_MS) {
      // This call has its connection; a failure shows in that the next call tries again.
      this.#connect().catch(() => undefined);
    }
    return connection;
  }

  close(): void {
    this.#closing.abort();
    for (const connection of this.#connections) connection.close();
  }

  #next(): Http2Connection | undefined {
    const ready = this.#ready;
    this.#turn++;
    for (const index of ready.keys()) {
      const connection = ready[(this.#turn + index) % ready.length];
      if (connection?.isUsable() === true) return connection;
    }
    return undefined;
  }

  #connect(): Promise<void> {
    return (this.#connecting ??= this.#connectMissing()
      .catch((error: unknown) => {
        throw unreachable(causeOf(error));
      })
      .finally(() => (this.#connecting = undefined)));
  }

  /** Done as soon as there is a first connection; the others go on. */
  async #connectMissing(): Promise<void> {
    this.#triedAt = performance.now();
    const { connectTimeoutMs: timeoutMs } = this.#options;
    const deadline = startDeadline({ timeoutMs, what: 'The connection', parent: this.#closing.signal });
    const attempts = this.#openMissing(deadline.signal);
    // Its failure is that of the attempts, which is reported below.
    const close = () => deadline.close();
    void attempts.then((opened) => Promise.allSettled(opened)).then(close, close);
    await Promise.any(await attempts);
  }

  /** Lets go of the addresses that the name no longer has, and begins to connect to the others. */
  async #openMissing(signal: AbortSignal): Promise<readonly Promise<void>[]> {
    const found = isIP(this.#host) === 0 ? await untilAborted(this.#resolveHost(this.#host), signal) : [this.#host];
    // A file of hosts may name an address several times.
    const ips = [...new Set(found)];
    if (signal.aborted) throw abortReason(signal);
    for (const [slot, connection] of this.#slots) {
      if (!ips.includes(slot.ip)) connection?.retire();
    }
    const { channels = 1 } = this.#options;
    this.#wantedCount = ips.length * channels;
    for (const ip of ips) {
      const count = [...this.#slots.keys()].filter((slot) => slot.ip === ip).length;
      for (let missing = channels - count; missing > 0; missing--) this.#open(ip, signal);
    }
    return [...this.#slots.keys()].map(({ opened }) => opened);
  }

  #open(ip: string, signal: AbortSignal): void {
    const onLost = () => {
      this.#slots.delete(slot);
      this.#ready = this.#ready.filter((connection) => connection.isUsable());
    };
    const opened = openHttp2({ ...this.#target, ip }, signal, onLost).then((connection) => {
      this.#connections.add(connection);
      void connection.ended.then(() => this.#connections.delete(connection));
      if (this.#closing.signal.aborted) connection.close();
      if (!connection.isUsable()) throw new Error('the connection was lost as soon as it was made');
      this.#slots.set(slot, connection);
      this.#ready = [...this.#ready, connection];
    });
    // Whoever waits for it hears of the failure; where another connection is there nobody does.
    opened.catch(() => undefined);
    const slot: Slot = { ip, opened };
    this.#slots.set(slot, undefined);
  }
}

/** Why no connection could be made: of several attempts what each met with, named once. */
function causeOf(error: unknown): unknown {
  const attempts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const causes = attempts.map((one) => (one instanceof ServiceError ? (one.cause ?? one) : one));
  const reasons = new Map(causes.map((cause) => [String(cause), cause]));
  const [first] = reasons.values();
  return reasons.size === 1 ? first : new Error([...reasons.keys()].join('; ') || 'its name has no address');
}

async function lookUp(name: string): Promise<string[]> {
  const addresses = await lookup(name, { all: true });
  return addresses.map(({ address }) => address);
}
