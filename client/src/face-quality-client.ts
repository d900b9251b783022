import type { ExtraInfo, Response } from 'common-data-type';
import type { ClientError } from './client-error.js';
import { answerOf } from './instances.js';
import { type ConnectionOptions, createModelConnection } from './model-connection.js';
import type { NamedInput } from './named-input.js';
import { type Call, type InputResult, sendMany } from './send-many.js';
import { sendMultiRequest, sendRequest } from './services/facequality/requests.js';

const DEFAULT_BATCH = 16;

/** A picture to score: its encoded bytes (JPEG, PNG, …), or a function that reads them when they are needed. */
export type NamedPicture = NamedInput;

/** Where the service is and how to talk to it. `model` is `facequality` when absent. */
export type FaceQualityClientOptions = Omit<ConnectionOptions, 'model'> & Partial<Pick<ConnectionOptions, 'model'>>;

/** How to send many pictures. */
export interface ScoreManyOptions {
  /** Pictures per call, 16 when absent. 1 sends single Requests, more sends MultiRequests. */
  readonly batch?: number;
  /** Calls on their way at once, 1 when absent. */
  readonly concurrency?: number;
  /** Sent with each call; `type` and `others` come back in each Response. */
  readonly extraInfo?: ExtraInfo | undefined;
}

/** One call to the service. All pictures of a batch have the same. */
export interface PictureCall {
  /** Counts from 0, in the order in which the calls started. */
  readonly id: number;
  /** From the start of sending to the end of the answer. */
  readonly ms: number;
  /** How many pictures it carried. */
  readonly pictures: number;
}

/** What became of one picture: its scores, or why there are none. `call` is absent when it was never sent. */
export type PictureResult =
  | { readonly picture: NamedPicture; readonly call: PictureCall; readonly response: Response; readonly error?: never }
  | {
      readonly picture: NamedPicture;
      readonly call?: PictureCall;
      readonly error: ClientError;
      readonly response?: never;
    };

/** A face-quality service. */
export interface FaceQualityClient {
  /**
   * Scores one encoded picture (JPEG, PNG, …).
   * @throws ClientError when the call fails or the picture cannot be scored
   */
  score(picture: Uint8Array, extraInfo?: ExtraInfo): Promise<Response>;
  /**
   * Scores many pictures and yields their results in order. What goes wrong with a picture or its call is in its
   * result; only an error of `pictures` itself is thrown. Stop iterating to cancel what is left.
   */
  scoreMany(
    pictures: Iterable<NamedPicture> | AsyncIterable<NamedPicture>,
    options?: ScoreManyOptions,
  ): AsyncIterable<PictureResult>;
  /**
   * Whether the model can be called now; false too while nothing listens there.
   * @throws ClientError when the service refuses to say, 404 for an unknown model for instance
   */
  ready(): Promise<boolean>;
  /** Closes the connections, once running calls have ended. May be called twice. */
  close(): Promise<void>;
}

/**
 * Makes a client; nothing is sent yet.
 * @throws ClientError `invalid_url`
 */
export function createFaceQualityClient(options: FaceQualityClientOptions): FaceQualityClient {
  const connection = createModelConnection({ model: 'facequality', ...options });
  const callPredict = (signal?: AbortSignal) => (body: unknown) => connection.call('predict', body, signal);
  return {
    score: async (picture, extraInfo) => answerOf((await sendRequest(callPredict(), picture, extraInfo))[0]),
    scoreMany: (pictures, { batch = DEFAULT_BATCH, concurrency = 1, extraInfo } = {}) =>
      toPictureResults(
        sendMany(pictures, {
          batch,
          concurrency,
          send: (loaded, signal) => {
            const [first = new Uint8Array(), ...others] = loaded.map(({ bytes }) => bytes);
            return batch === 1
              ? sendRequest(callPredict(signal), first, extraInfo)
              : sendMultiRequest(callPredict(signal), [first, ...others], extraInfo);
          },
        }),
      ),
    ready: () => connection.ready(),
    close: () => connection.close(),
  };
}

/** In the words of pictures. Who stops iterating stops `results`, too. */
async function* toPictureResults(results: AsyncIterable<InputResult<Response>>): AsyncGenerator<PictureResult> {
  for await (const { input: picture, call, answer: response, error } of results) {
    if (error === undefined) yield { picture, call: toPictureCall(call), response };
    else yield { picture, error, ...(call === undefined ? {} : { call: toPictureCall(call) }) };
  }
}

function toPictureCall({ id, ms, inputs }: Call): PictureCall {
  return { id, ms, pictures: inputs };
}
