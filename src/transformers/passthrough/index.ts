import { ServiceError } from '../../errors.js';
import type { StreamedInferResponse } from '../../predictor/predictor.js';
import { missingModels } from '../missing-models.js';
import type { RequestTransformer, TransformerServices } from '../transformer.js';

/**
 * Makes the service that hands requests on to one model of the predictor and its answers back, both as they are: tensors,
 * parameters, version and id; bodies of V1 where the predictor speaks it; streams and loading where it has them. A client
 * gets the predictor's own status and words for what the predictor refuses.
 */
export function createPassthrough({
  predictor,
  modelName,
  predictorModelName,
}: Pick<TransformerServices, 'predictor' | 'modelName' | 'predictorModelName'>): RequestTransformer {
  const model = predictorModelName ?? modelName;
  const { inferStream, repository, v1 } = predictor;

  const metadata: RequestTransformer['metadata'] = (version, { call }) =>
    forwarded(predictor.modelInfo(version === undefined ? model : { model, version }, call));

  return {
    infer: (request, { call }) => forwarded(predictor.infer({ ...request, model }, call)),
    ...(inferStream !== undefined && {
      inferStream: (requests, { call }) =>
        forwardedStream(
          inferStream(
            mapped(requests, (request) => ({ ...request, model })),
            call,
          ),
        ),
    }),
    ...(v1 !== undefined && {
      predictV1: (body, { call }) => forwarded(v1.predict(model, body, call)),
      explainV1: (body, { call }) => forwarded(v1.explain(model, body, call)),
    }),
    ...(repository !== undefined && {
      repository: {
        load: (parameters, { call }) => forwarded(repository.load({ model, parameters }, call)),
        unload: (parameters, { call }) => forwarded(repository.unload({ model, parameters }, call)),
      },
    }),
    metadata,
    isVersionReady: async (version, context) => {
      if (await predictor.isModelReady({ model, version }, context.call)) return true;
      // One that there is not is another answer than one that is not ready.
      await metadata(version, context).catch(throwIfNotFound);
      return false;
    },
    missingModels: (signal) => missingModels(predictor, [model], signal),
  };
}

async function forwarded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toForwarded(error);
  }
}

async function* forwardedStream(
  messages: AsyncIterable<StreamedInferResponse>,
): AsyncGenerator<StreamedInferResponse, void, undefined> {
  try {
    yield* mapped(messages, (message) =>
      message.error === undefined ? message : { id: message.id, error: toForwarded(message.error) },
    );
  } catch (error) {
    throw toForwarded(error);
  }
}

async function* mapped<From, To>(
  items: AsyncIterable<From>,
  map: (item: From) => To,
): AsyncGenerator<To, void, undefined> {
  for await (const item of items) yield map(item);
}

/** What the predictor itself has said goes to the client as it is; anything else is an error like any other's. */
function toForwarded<Thrown>(error: Thrown): Thrown | ServiceError {
  if (!(error instanceof ServiceError) || error.upstream === undefined) return error;
  const { code, message, cause, upstream, isSafeToRetry } = error;
  return new ServiceError(code, message, { cause, upstream, isSafeToRetry, isForwarded: true });
}

function throwIfNotFound(error: unknown): void {
  if (error instanceof ServiceError && error.upstream?.status === 'NOT_FOUND') throw error;
}
