import type { ErrorCode, UpstreamStatus } from '../../errors.js';
import type { NamedTensors } from '../predictor.js';
import type { ModelSpec } from './model-spec.js';

/** What the worker is started with. */
export interface WorkerSettings {
  readonly repository: string;
  readonly threads: number;
}

/** A model that was found in the repository; `version` is the one of its versions that is served. */
export type FoundModel = { readonly name: string; readonly spec: ModelSpec; readonly version: string } | LeftOutModel;

/** A model that cannot be run here, and why. */
export interface LeftOutModel {
  readonly name: string;
  readonly problem: string;
  /** Nothing is wrong with it: it asks for a backend or a feature that Triton has and this runtime has not. */
  readonly isForTriton?: boolean;
}

/** Asks the worker to load a model that was found. */
export interface LoadMessage {
  readonly kind: 'load';
  readonly id: number;
  readonly model: string;
}

/** A call, as the worker gets it; its tensors' memory was moved there. */
export interface CallMessage {
  readonly kind: 'run';
  readonly id: number;
  readonly model: string;
  readonly inputs: NamedTensors;
  readonly outputs: readonly string[];
  /** One Int32: anything but 0 means that nobody waits for the answer any more. */
  readonly abandoned: SharedArrayBuffer;
}

/** Asks the worker to end, after the call that it works on. */
export const CLOSE = 'close';

/** What the worker is told. */
export type OrderMessage = LoadMessage | CallMessage | typeof CLOSE;

/** What the worker says: first `started` or `failed`, then one of the others for each order. */
export type WorkerMessage =
  | { readonly kind: 'started'; readonly models: readonly FoundModel[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'loaded'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly outputs: NamedTensors }
  | {
      readonly kind: 'error';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly upstream: UpstreamStatus | undefined;
      /** For the log. */
      readonly cause: string | undefined;
    }
  | { readonly kind: 'skipped'; readonly id: number };
