import type { ExtraInfo, Response } from 'common-data-type';
import type { PictureSources } from '../imaging/sources/picture-sources.js';
import type { WorkerPool } from '../concurrency/worker-pool.js';
import type { Logger } from '../observability/logger.js';
import type { Span } from '../observability/span.js';
import type {
  CallOptions,
  InferRequest,
  InferResponse,
  ModelInfo,
  NamedTensors,
  Predictor,
  RepositoryParameters,
  StreamedInferResponse,
  TensorMetadata,
} from '../predictor/predictor.js';
import type { ItemApi } from './item-api.js';
import type { PictureSampler, Resize } from './picture-sampler.js';

/** One thing to work on, as the client sent it. */
export interface Item {
  /** Where it stands in the request, for messages: `multi_data[3].data.item`, `instances[0]`, `inputs[0].data[2]`. */
  readonly path: string;
  /** A string, an object of one of V1's forms, or raw bytes: of an uploaded file, or of an element of a BYTES tensor. */
  readonly value: unknown;
}

/** What a transformer is given for one request. */
export interface RequestContext {
  readonly requestId: string;
  /** Aborted when the client leaves or the request's time is over; its reason is a ServiceError. */
  readonly signal: AbortSignal;
  /**
   * To be handed to every call of the predictor: the same signal, the headers that are forwarded, the trace, and whom
   * the headers of answers are told.
   */
  readonly call: CallOptions;
  /** The request's place in a trace. */
  readonly span: Span;
  /** Adds to the time of a named part of the work, in milliseconds: a model of the chain, say. */
  readonly addTime: (name: string, ms: number) => void;
  /** Adds to a number of things found, for the metrics: `faces`. */
  readonly addFound: (what: string, count: number) => void;
}

/** An item that was opened: its format is known, nothing is decoded yet. */
export interface Opened {
  /** How many pixels decoding will put into the memory that it is lent, at most; 0 when it needs none. */
  readonly pixels: number;
  /** What the client sent: items of one request whose bytes are equal are decoded once. Absent where that is not so. */
  readonly bytes?: Uint8Array;
}

/** The parts of the house that a transformer works with. */
export interface TransformerServices {
  /** The name that the model is served under. */
  readonly modelName: string;
  readonly predictor: Predictor;
  /** The model's name on the predictor, where the configuration gives one. */
  readonly predictorModelName: string | undefined;
  /** Brings the bytes of pictures, however a client names them. */
  readonly pictures: PictureSources;
  readonly workers: WorkerPool;
  /** Makes models' inputs of whole pictures. */
  readonly sampler: PictureSampler;
  /** How whole pictures are brought to the size of a model. */
  readonly resize: Resize;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** The most pixels one picture may have. */
  readonly maxPixels: number;
  /** The most bytes of tensors in one call to the predictor. */
  readonly maxPredictorBodyBytes: number;
}

/** What stands for N items in tensors, results or explanations. */
export interface OutputForm<Value> {
  /** Besides `response` BYTES [N], the same of each item as JSON, which every service of items answers. */
  readonly outputs: readonly TensorMetadata[];
  /** The tensors of `outputs`; a bad item has no value, and its place is filled as the service says. */
  toOutputs(values: readonly (Value | undefined)[]): NamedTensors;
}

/** How a service of items speaks the Open Inference Protocol, whose requests are tensors. */
export interface TensorForm<Result, Explanation = unknown> extends OutputForm<Result> {
  readonly inputs: readonly TensorMetadata[];
  /**
   * The items that a request's tensors hold, in order.
   * @throws ServiceError `invalid_argument` when they are not such as `inputs` says
   */
  toItems(inputs: NamedTensors): readonly Item[];
  /** What a request on V1's `:explain` is answered with; absent where explanations are JSON alone. */
  readonly explained?: OutputForm<Explanation>;
}

/** What bytes are that come as they are. */
export type Uploads = 'pictures' | 'texts';

/**
 * The stages of a service that works on items, one by one or together. run-transformer.ts is their only caller and
 * measures them.
 *
 * `open` and `decode` see one item: what they throw is that item's error, the others go on. The later stages see all
 * items that are left, in order: what they throw is the call's error.
 */
export interface Transformer<Source extends Opened, Decoded, Prepared, Predicted, Result, Explanation = unknown> {
  /** What V1's bodies that are no JSON hold, and files that are uploaded; pictures when absent. */
  readonly uploads?: Uploads;
  /**
   * How many items go through the later stages together at most, while the next ones are decoded. Absent where models are
   * so quick that one call for all items is better.
   */
  readonly itemsPerGroup?: number;
  /** Reads an item's form and header, after fetching it where the client only names it; nothing is decoded. */
  open(item: Item, context: RequestContext): Source | Promise<Source>;
  /** @param memory shared by all threads, 3 bytes for each of the item's pixels; lent until postprocess has ended */
  decode(source: Source, context: RequestContext, memory: Uint8Array): Promise<Decoded>;
  preprocess(decoded: readonly Decoded[], context: RequestContext): Promise<Prepared>;
  predict(prepared: Prepared, context: RequestContext): Promise<Predicted>;
  /** One result per decoded item, in the same order. */
  postprocess(predicted: Predicted, context: RequestContext): Promise<readonly Result[]>;
  /** What explains each decoded item's result, as it stands in V1's `explanations`; absent when the service explains nothing. */
  readonly explain?: (prepared: Prepared, context: RequestContext) => Promise<readonly Explanation[]>;
  /** How a result stands in V1's `predictions`; `item` is what the client sent. */
  toPrediction(result: Result, item: Item): unknown;
  /** How a result stands in `multi_data`; absent when the service does not speak Request and MultiRequest. */
  readonly toResponse?: (result: Result, extraInfo: ExtraInfo | undefined) => Response;
  readonly tensors: TensorForm<Result, Explanation>;
  /** What the description of the API says of items and answers; without it, that they are JSON. */
  readonly api?: ItemApi;
  /**
   * Finds the models that the service needs and checks that they are ready on the predictor. Called at start and by
   * the readiness probe, never by a request.
   * @returns the names of models that are missing or not ready; empty when the service can answer.
   */
  missingModels(signal: AbortSignal): Promise<readonly string[]>;
}

/** A transformer of any kind, for those who only pass its values from stage to stage. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the stages' own types meet only inside one transformer
export type AnyTransformer = Transformer<any, any, any, any, any, any>;

/** A service that takes requests whole, and does not look into them. */
export interface RequestTransformer {
  infer(request: InferRequest, context: RequestContext): Promise<InferResponse>;
  /** Absent where the predictor has no streams. */
  readonly inferStream?: (
    requests: AsyncIterable<InferRequest>,
    context: RequestContext,
  ) => AsyncIterable<StreamedInferResponse>;
  /** V1's body to V1's answer. Absent when the predictor does not speak V1. */
  readonly predictV1?: (body: unknown, context: RequestContext) => Promise<unknown>;
  readonly explainV1?: (body: unknown, context: RequestContext) => Promise<unknown>;
  /** @param version digits; the predictor chooses when undefined */
  metadata(version: string | undefined, context: Pick<RequestContext, 'call'>): Promise<ModelInfo>;
  /** @throws ServiceError when there is no such version, as metadata */
  isVersionReady(version: string, context: Pick<RequestContext, 'call'>): Promise<boolean>;
  /** Has the predictor load and unload the model; absent where that cannot be done. */
  readonly repository?: Readonly<
    Record<
      'load' | 'unload',
      (parameters: RepositoryParameters, context: Pick<RequestContext, 'call'>) => Promise<void>
    >
  >;
  /** As Transformer's. */
  missingModels(signal: AbortSignal): Promise<readonly string[]>;
}
