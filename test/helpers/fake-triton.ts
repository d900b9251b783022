import { setImmediate } from 'node:timers/promises';
import { type Door, openDoor } from './door.js';
import { type FakeModel, fakeModels, type ModelCall, runModel, type WireTensor } from './fake-models.js';
import { startFakeGrpc } from './fake-triton-grpc.js';
import { startFakeHttp } from './fake-triton-http.js';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.js';

/** An inference call as it reached the fake. */
interface SeenCall extends ModelCall {
  readonly protocol: 'http' | 'grpc';
  readonly id: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Of the request; 64-bit numbers of gRPC are digits. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Of each output wanted. */
  readonly outputParameters: readonly Readonly<Record<string, unknown>>[];
}

/** Every answer's own header, or initial metadata. */
export const SERVED_BY = { name: 'x-served-by', value: 'fake-triton' } as const;

/** Whole numbers alone, for gRPC. */
type AnswerParameters = Readonly<Record<string, string | boolean | number>>;

/** What both of the fake's servers share. */
export interface FakeCore {
  readonly models: Map<string, FakeModel>;
  readonly hasConfig: boolean;
  readonly answersWithValues: boolean;
  readonly answerParameters: AnswerParameters;
  readonly isReady: boolean;
  countMetadataCall(): void;
  infer(call: SeenCall): Promise<readonly WireTensor[]>;
}

/** One of the fake's servers. */
export interface FakeServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Real HTTP and gRPC servers that speak enough of Triton, with models of a few lines each. */
export interface FakeTriton {
  readonly httpAddress: string;
  readonly grpcAddress: string;
  /** May be changed, as a redeployment does. */
  readonly models: Map<string, FakeModel>;
  readonly seen: readonly SeenCall[];
  readonly mostInFlight: number;
  readonly metadataCalls: number;
  /** Where calls to the model `slow` wait. */
  readonly slow: WaitingRoom;
  setReady(isReady: boolean): void;
  /** Breaks all connections and refuses new ones. */
  crash(): Promise<void>;
  /** Comes back at the same ports. */
  restart(): Promise<void>;
  /** Breaks connections when that many bytes of answers have passed. */
  cutAnswersAfter(bytes: number | undefined): void;
  close(): Promise<void>;
}

/**
 * Starts a fake Triton.
 * @param options.hasConfig false for servers of the protocol that are no Triton
 * @param options.answersWithValues answers without binary data or raw contents
 * @param options.answerParameters what every answer of a model says of itself
 */
export async function startFakeTriton(
  options: { hasConfig?: boolean; answersWithValues?: boolean; answerParameters?: AnswerParameters } = {},
): Promise<FakeTriton> {
  const slow = createWaitingRoom();
  const models = fakeModels(slow);
  const seen: SeenCall[] = [];
  const counts = { inFlight: 0, mostInFlight: 0, metadataCalls: 0 };
  let isReady = true;

  const core: FakeCore = {
    models,
    hasConfig: options.hasConfig ?? true,
    answersWithValues: options.answersWithValues ?? false,
    answerParameters: options.answerParameters ?? {},
    get isReady() {
      return isReady;
    },
    countMetadataCall: () => {
      counts.metadataCalls++;
    },
    infer: async (call) => {
      seen.push(call);
      counts.inFlight++;
      counts.mostInFlight = Math.max(counts.mostInFlight, counts.inFlight);
      try {
        await setImmediate();
        return await runModel(models, call);
      } finally {
        counts.inFlight--;
      }
    },
  };
  const servers = [await startFakeHttp(core), await startFakeGrpc(core)] as const;
  const doors = [await openDoor(servers[0].port), await openDoor(servers[1].port)] as const;
  const eachDoor = (act: (door: Door) => Promise<void>) => Promise.all(doors.map(act)).then(() => undefined);

  return {
    httpAddress: `http://127.0.0.1:${doors[0].port}`,
    grpcAddress: `grpc://127.0.0.1:${doors[1].port}`,
    models,
    seen,
    slow,
    get mostInFlight() {
      return counts.mostInFlight;
    },
    get metadataCalls() {
      return counts.metadataCalls;
    },
    setReady: (ready) => {
      isReady = ready;
    },
    crash: () => eachDoor((door) => door.close()),
    restart: () => eachDoor((door) => door.reopen()),
    cutAnswersAfter: (bytes) => doors.forEach((door) => door.cutAfter(bytes)),
    close: async () => {
      slow.release();
      await eachDoor((door) => door.close());
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
