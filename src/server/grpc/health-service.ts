import type { handleServerStreamingCall, handleUnaryCall, Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { DataPlane } from '../data-plane.js';
import { INFERENCE_SERVICE } from './rpc-names.js';

/** How often readiness is looked at while somebody watches; as long as an answer of it counts (readiness.ts). */
const WATCH_MS = 1000;

/** The server as a whole: by the empty name, as the protocol has it, and by that of its service. */
const SERVER = ['', INFERENCE_SERVICE];

/**
 * Adds `grpc.health.v1.Health`: for the server, and under its name for each model. What is asked for follows readiness
 * as it is at that time; when the service is about to stop, nothing is served any more.
 * https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export function addHealthService(server: Pick<Server, 'addService'>, dataPlane: DataPlane): void {
  const health = new HealthImplementation();
  const known = new Map<string, boolean>();
  let isStopping = false;
  let refreshing: Promise<void> | undefined;
  let watchers = 0;
  let timer: NodeJS.Timeout | undefined;

  const setServing = (name: string, isServing: boolean) => {
    if (known.get(name) === isServing) return;
    known.set(name, isServing);
    health.setStatus(name, isServing ? 'SERVING' : 'NOT_SERVING');
  };
  const ask = async () => {
    const models = dataPlane.modelNames();
    const checks = [dataPlane.assertReady(), ...models.map((name) => dataPlane.assertModelReady(name))];
    const [isServerReady = false, ...areReady] = await Promise.all(checks.map(hasPassed));
    if (isStopping) return;
    for (const name of SERVER) setServing(name, isServerReady);
    for (const [index, name] of models.entries()) setServing(name, areReady[index] === true);
    // What was unloaded.
    for (const name of known.keys()) if (!SERVER.includes(name) && !models.includes(name)) setServing(name, false);
  };
  const refresh = () => (refreshing ??= ask().finally(() => (refreshing = undefined)));
  const watchUntilEnded = (call: WatchCall) => {
    watchers += 1;
    timer ??= setInterval(() => void refresh(), WATCH_MS).unref();
    call.on('cancelled', () => {
      watchers -= 1;
      if (watchers > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
  };

  dataPlane.onDrain(() => {
    isStopping = true;
    for (const name of [...SERVER, ...dataPlane.modelNames(), ...known.keys()]) setServing(name, false);
  });
  health.addToServer({
    addService: (service, handlers) => {
      const { check, list, watch } = handlers as unknown as HealthHandlers;
      const afterRefresh =
        (handler: HealthHandlers['check']): HealthHandlers['check'] =>
        (call, callback) =>
          void refresh().then(() => handler(call, callback));
      server.addService(service, {
        check: afterRefresh(check),
        list: afterRefresh(list),
        watch: (call: WatchCall) => {
          watchUntilEnded(call);
          void refresh().then(() => {
            if (!call.cancelled) watch(call);
          });
        },
      });
    },
  });
}

type WatchCall = Parameters<handleServerStreamingCall<unknown, unknown>>[0];

/** What the package hands to a server: it answers from the statuses that were set. */
interface HealthHandlers {
  readonly check: handleUnaryCall<unknown, unknown>;
  readonly list: handleUnaryCall<unknown, unknown>;
  readonly watch: handleServerStreamingCall<unknown, unknown>;
}

function hasPassed(check: Promise<void>): Promise<boolean> {
  return check.then(
    () => true,
    () => false,
  );
}
