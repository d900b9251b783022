import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { openDoor } from './door.js';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.js';

/** An answer of any kind, returned or thrown; a text goes as it is, anything else as JSON. */
export class V1Answer extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(`status ${status}`);
    this.status = status;
    this.body = body;
  }
}

interface FakeV1Model {
  /** What `GET /v1/models/<name>` answers. */
  readonly state: V1Answer;
  readonly predict: (instances: readonly unknown[]) => unknown;
  readonly explain?: (instances: readonly unknown[]) => unknown;
}

/** A request as it reached the fake. */
interface SeenV1Request {
  /** `POST /v1/models/identity:predict`. */
  readonly request: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real HTTP server that speaks KServe's V1 protocol, with models of a few lines each. */
export interface FakeV1Server {
  readonly address: string;
  readonly port: number;
  readonly models: Map<string, FakeV1Model>;
  readonly seen: readonly SeenV1Request[];
  readonly mostInFlight: number;
  /** Where calls to the model `slow` wait. */
  readonly slow: WaitingRoom;
  /** Breaks all connections and refuses new ones. */
  crash(): Promise<void>;
  /** Comes back at the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const V1_READY = new V1Answer(200, { name: 'm', ready: true });

/** Starts a fake server of V1. */
export async function startFakeV1(): Promise<FakeV1Server> {
  const slow = createWaitingRoom();
  const models = fakeModels(slow);
  const seen: SeenV1Request[] = [];
  const counts = { inFlight: 0, mostInFlight: 0 };

  const predict = async (work: () => unknown): Promise<unknown> => {
    counts.inFlight++;
    counts.mostInFlight = Math.max(counts.mostInFlight, counts.inFlight);
    try {
      await setImmediate();
      return await work();
    } finally {
      counts.inFlight--;
    }
  };
  const answerTo = async (request: string, body: string): Promise<V1Answer> => {
    if (request === 'GET /') return new V1Answer(200, { status: 'alive' });
    const [, method, encoded = '', version, verb] =
      /^(GET|POST) \/v1\/models\/([^/:]+)(?:\/versions\/(\d+))?(?::(predict|explain))?$/.exec(request) ?? [];
    const name = decodeURIComponent(encoded);
    // TensorFlow Serving has versions, KServe's own servers have none.
    const model = (version ?? '1') === '1' ? models.get(name) : undefined;
    if (model === undefined) {
      const what = version === undefined ? name : `${name} in version ${version}`;
      throw new V1Answer(404, { error: `Model with name ${what} does not exist.` });
    }
    if (method === 'GET') return model.state;
    const work = verb === 'explain' ? model.explain : model.predict;
    if (work === undefined) throw new V1Answer(501, { error: `${name} explains nothing` });
    const { instances } = JSON.parse(body) as { instances: readonly unknown[] };
    const answer = await predict(() => work(instances));
    return answer instanceof V1Answer
      ? answer
      : new V1Answer(200, { [verb === 'explain' ? 'explanations' : 'predictions']: answer });
  };

  const server = createServer((request, response) => {
    void text(request)
      .then((body) => {
        const asked = `${String(request.method)} ${String(request.url)}`;
        seen.push({ request: asked, headers: request.headers, body });
        return answerTo(asked, body);
      })
      .catch((error: unknown) => (error instanceof V1Answer ? error : new V1Answer(500, { error: String(error) })))
      .then((answer) => send(response, answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const door = await openDoor((server.address() as AddressInfo).port);

  return {
    address: `http://127.0.0.1:${door.port}`,
    port: door.port,
    models,
    seen,
    slow,
    get mostInFlight() {
      return counts.mostInFlight;
    },
    crash: () => door.close(),
    restart: () => door.reopen(),
    close: async () => {
      slow.release();
      await door.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, { status, body }: V1Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-served-by': 'fake-v1' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function fakeModels(room: WaitingRoom): Map<string, FakeV1Model> {
  const rowsFor = (name: string, instances: readonly unknown[]): number[][] => {
    if (instances.length > 8) throw new V1Answer(400, { error: `model ${name} takes at most 8 instances` });
    return instances.map((row) => {
      if (Array.isArray(row) && row.length === 4) return row as number[];
      throw new V1Answer(400, { error: `model ${name} takes rows of 4 numbers` });
    });
  };
  const identity = (name: string) => (instances: readonly unknown[]) =>
    rowsFor(name, instances).map((row) => ({ output: row }));
  return new Map<string, FakeV1Model>([
    ['identity', { state: V1_READY, predict: identity('identity') }],
    [
      'two_outputs',
      {
        state: V1_READY,
        predict: (instances) =>
          rowsFor('two_outputs', instances).map((row) => ({
            sum: row.map((value) => value + 1),
            product: row.map((value) => value * 2),
          })),
      },
    ],
    [
      'slow',
      {
        state: V1_READY,
        predict: async (instances) => {
          await room.enter();
          return identity('slow')(instances);
        },
      },
    ],
    ['echo', { state: V1_READY, predict: (instances) => instances, explain: (instances) => instances }],
  ]);
}
