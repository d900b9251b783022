import { type ExtraInfo, type MultiRequest, multiResponseSchema, type Request, type Response } from 'common-data-type';
import * as z from 'zod';
import type { NamedPicture } from './picture.js';
import { ClientError } from './client-error.js';
import { createJsonHttp } from './json-http.js';
import { outcomeOf, type PictureResult, scoreMany, type SendPictures } from './score-many.js';

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_BATCH = 16;

const readinessSchema = z.looseObject({ ready: z.union([z.boolean(), z.stringbool()]) });

/** Where the service is and how to talk to it. */
export interface FaceQualityClientOptions {
  /** `http://host:port` or `https://host`, with a path where the service lies behind one. */
  readonly url: string;
  /** The name under which the service is served; `facequality` when absent. */
  readonly model?: string;
  /** Limit of one call in milliseconds; 60000 when absent. */
  readonly timeoutMs?: number;
  /** Sent with every call, `host` for instance where an ingress chooses by it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `authorization: Bearer …`. */
  readonly token?: string | undefined;
}

/** How to send many pictures. */
export interface ScoreManyOptions {
  /** Pictures per call, 16 when absent. 1 sends single Requests, more sends MultiRequests. */
  readonly batch?: number;
  /** Calls on their way at once, 1 when absent. */
  readonly concurrency?: number;
  /** Sent with each call; `type` and `others` come back in each Response. */
  readonly extraInfo?: ExtraInfo | undefined;
}

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
  const { url, model = 'facequality', timeoutMs = DEFAULT_TIMEOUT_MS, token } = options;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const http = createJsonHttp({ url, timeoutMs, headers: { ...authorization, ...options.headers } });
  const modelPath = `/v1/models/${encodeURIComponent(model)}`;

  const predict = async (body: Request | MultiRequest, expected: number, signal?: AbortSignal) => {
    const responses = toResponses(await http.call(`${modelPath}:predict`, { body, signal }));
    if (responses.length === expected) return responses;
    const message = `expected ${expected} Responses from the service, received ${responses.length}`;
    throw new ClientError(message, { code: 'bad_answer' });
  };

  return {
    score: async (picture, extraInfo) => {
      const [response] = await predict(toRequest(picture, extraInfo), 1);
      const outcome = outcomeOf(response);
      if ('error' in outcome) throw outcome.error;
      return outcome.response;
    },
    scoreMany: (pictures, { batch = DEFAULT_BATCH, concurrency = 1, extraInfo } = {}) => {
      const sendMany: SendPictures = (batchPictures, signal) =>
        predict(toMultiRequest(batchPictures, extraInfo), batchPictures.length, signal);
      const sendSingle: SendPictures = async ([picture = new Uint8Array()], signal) =>
        predict(toRequest(picture, extraInfo), 1, signal);
      return scoreMany(pictures, { batch, concurrency, send: batch === 1 ? sendSingle : sendMany });
    },
    ready: async () => {
      try {
        return readinessSchema.safeParse(await http.call(modelPath)).data?.ready ?? false;
      } catch (thrown) {
        const isNotYet = thrown instanceof ClientError && (thrown.status === 503 || thrown.code === 'unreachable');
        if (isNotYet) return false;
        throw thrown;
      }
    },
    close: () => http.close(),
  };
}

function toRequest(picture: Uint8Array, extraInfo: ExtraInfo | undefined): Request {
  return { data: { item: toBase64(picture) }, ...(extraInfo === undefined ? {} : { extra_info: extraInfo }) };
}

function toMultiRequest(pictures: readonly Uint8Array[], extraInfo: ExtraInfo | undefined): MultiRequest {
  const requests = pictures.map((picture) => toRequest(picture, undefined));
  return { multi_data: requests, ...(extraInfo === undefined ? {} : { extra_info: extraInfo }) };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** A service may answer a single Request as a MultiResponse of one, which is the default, or as the bare Response. */
function toResponses(answer: unknown): readonly Response[] {
  const isMulti = typeof answer === 'object' && answer !== null && 'multi_data' in answer;
  const multi = multiResponseSchema.safeParse(isMulti ? answer : { multi_data: [answer] });
  if (multi.success) return multi.data.multi_data;
  const [issue] = multi.error.issues;
  const problem = issue === undefined ? '' : `: ${issue.path.join('.')}: ${issue.message}`;
  const message = `expected a MultiResponse from the service, received something else${problem}`;
  throw new ClientError(message, { code: 'bad_answer', cause: multi.error });
}
