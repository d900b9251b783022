import type {
  InferRequest,
  InferResponse,
  ModelInfo,
  RepositoryParameters,
  StreamedInferResponse,
  TensorMetadata,
} from '../predictor/predictor.js';
import type { RunTransformer } from './run-transformer.js';
import type { Readiness } from './readiness.js';
import type { ServedCall } from './served-call.js';
import type { AnyTransformer } from './transformer.js';

export type { RepositoryParameters };

/** What every served model answers, whatever is behind it. */
interface AnyServedModel {
  readonly name: string;
  readonly readiness: Readiness;
  /**
   * The Open Inference Protocol's call.
   * @param request.model is passed over: which model is asked is decided already
   */
  infer(request: InferRequest, call: ServedCall): Promise<InferResponse>;
  /**
   * @throws ServiceError `not_found` for a version that there is not
   */
  metadata(version: string | undefined, call: ServedCall): Promise<ModelInfo>;
  /** Whether a version can answer. @throws ServiceError as metadata */
  isVersionReady(version: string, call: ServedCall): Promise<boolean>;
}

/** A model that works on items. */
export interface ItemModel extends AnyServedModel {
  readonly kind: 'items';
  readonly transformer: Pick<AnyTransformer, 'toPrediction' | 'toResponse' | 'explain' | 'api' | 'uploads'>;
  /** What `metadata` answers. */
  readonly info: ModelInfo;
  /** What `explain` answers. */
  readonly explainOutputs: readonly TensorMetadata[];
  readonly run: RunTransformer;
  /** The answer to a single Request: `multi` is a MultiResponse of length 1, `bare` a Response. */
  readonly singleResponse: 'multi' | 'bare';
  /** V1's `:explain` with a body of the Open Inference Protocol: `infer`, with explanations in place of predictions. */
  explain(request: InferRequest, call: ServedCall): Promise<InferResponse>;
}

/** A model that hands requests on whole. */
export interface RequestModel extends AnyServedModel {
  readonly kind: 'requests';
  /** Absent where the predictor has no streams. */
  readonly inferStream?: (
    requests: AsyncIterable<InferRequest>,
    call: ServedCall,
  ) => AsyncIterable<StreamedInferResponse>;
  /** Has the predictor load and unload the model; absent where that cannot be done. */
  readonly repository?: Readonly<
    Record<'load' | 'unload', (parameters: RepositoryParameters, call: ServedCall) => Promise<void>>
  >;
  /** @throws ServiceError `unimplemented` when the predictor does not speak V1 */
  v1(verb: 'predict' | 'explain', body: unknown, call: ServedCall): Promise<unknown>;
}

/** One model that the process answers for. */
export type ServedModel = ItemModel | RequestModel;
