import * as z from 'zod';
import { answerOf, callWithInstances } from './instances.js';
import { pictureInstance } from './input-kinds.js';
import { type ConnectionOptions, createModelConnection, type Verb } from './model-connection.js';
import type { NamedInput } from './named-input.js';
import { type InputResult, type Outcome, sendMany } from './send-many.js';

const DEFAULT_BATCH = 16;

/** Which model to call, and what its answers look like. */
export interface ModelClientOptions<Prediction, Explanation> extends ConnectionOptions {
  /** What an entry of `predictions` must be; anything when absent. It is checked, and left as it came. */
  readonly prediction?: z.ZodType<Prediction>;
  /** What an entry of `explanations` must be; anything when absent. */
  readonly explanation?: z.ZodType<Explanation>;
}

/** How to send many inputs. */
export interface SendManyOptions {
  /** Inputs per call, 16 when absent. */
  readonly batch?: number;
  /** Calls on their way at once, 1 when absent. */
  readonly concurrency?: number;
  /** The instance that an input's bytes become; that of a picture, {@link pictureInstance}, when absent. */
  readonly toInstance?: (bytes: Uint8Array) => unknown;
}

/** A model that speaks KServe's V1 protocol, `instances` in and `predictions` out: any service of this project does. */
export interface ModelClient<Prediction = unknown, Explanation = unknown> {
  /**
   * What the model predicts for one instance.
   * @param instance as the service takes it: {@link pictureInstance}, {@link textInstance}, or of your own
   * @throws ClientError when the call fails or the instance cannot be answered
   */
  predict(instance: unknown, options?: { signal?: AbortSignal }): Promise<Prediction>;
  /**
   * The same for many instances in one call; one outcome per instance, in order. An instance's error is its own alone.
   * @throws ClientError when the call fails as a whole, as it does when every instance is bad
   */
  predictAll(
    instances: readonly unknown[],
    options?: { signal?: AbortSignal },
  ): Promise<readonly Outcome<Prediction>[]>;
  /**
   * Reads many inputs when their turn comes, sends them in batches and yields their results in order. What goes wrong
   * with an input or its call is in its result; only an error of `inputs` itself is thrown. Stop iterating to cancel
   * what is left.
   */
  predictMany<Input extends NamedInput>(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options?: SendManyOptions,
  ): AsyncIterable<InputResult<Prediction, Input>>;
  /** Why the model predicts what it does for one instance; throws as {@link ModelClient.predict}. */
  explain(instance: unknown, options?: { signal?: AbortSignal }): Promise<Explanation>;
  /** The same for many instances in one call, as {@link ModelClient.predictAll}. */
  explainAll(
    instances: readonly unknown[],
    options?: { signal?: AbortSignal },
  ): Promise<readonly Outcome<Explanation>[]>;
  /**
   * Whether the model can be called now; false too while nothing listens there.
   * @throws ClientError when the service refuses to say, 404 for an unknown model for instance
   */
  ready(): Promise<boolean>;
  /** Closes the connections, once running calls have ended. May be called twice. */
  close(): Promise<void>;
}

/**
 * Makes a client of one model; nothing is sent yet.
 * @throws ClientError `invalid_url`
 */
export function createModelClient<Prediction = unknown, Explanation = unknown>(
  options: ModelClientOptions<Prediction, Explanation>,
): ModelClient<Prediction, Explanation> {
  const connection = createModelConnection(options);
  // Without a schema an answer is `unknown`, which anything is.
  const prediction = options.prediction ?? (z.unknown() as z.ZodType<Prediction>);
  const explanation = options.explanation ?? (z.unknown() as z.ZodType<Explanation>);
  const all = <Answer>(verb: Verb, answer: z.ZodType<Answer>) => {
    return (instances: readonly unknown[], { signal }: { signal?: AbortSignal } = {}) =>
      callWithInstances(connection, { verb, instances, answer }, signal);
  };
  const predictAll = all('predict', prediction);
  const explainAll = all('explain', explanation);
  return {
    predict: async (instance, callOptions) => answerOf((await predictAll([instance], callOptions))[0]),
    predictAll,
    predictMany: (inputs, { batch = DEFAULT_BATCH, concurrency = 1, toInstance = pictureInstance } = {}) =>
      sendMany(inputs, {
        batch,
        concurrency,
        send: (loaded, signal) =>
          predictAll(
            loaded.map(({ bytes }) => toInstance(bytes)),
            { signal },
          ),
      }),
    explain: async (instance, callOptions) => answerOf((await explainAll([instance], callOptions))[0]),
    explainAll,
    ready: () => connection.ready(),
    close: () => connection.close(),
  };
}
