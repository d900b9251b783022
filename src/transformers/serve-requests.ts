import { ServiceError } from '../errors.js';
import type { Readiness } from './readiness.js';
import {
  type CallLimits,
  type CallMetrics,
  runCall,
  type ServedCall,
  streamCall,
  toCallOptions,
} from './served-call.js';
import type { RequestModel } from './served-model.js';
import { runStage, streamStage } from './stages.js';
import type { RequestContext, RequestTransformer } from './transformer.js';

/**
 * Makes a transformer of whole requests answer the protocols' calls under its served name. What runs a model is admitted
 * and bounded in time as every request is, a stream from its beginning to its end, and is timed as the stage `predict`
 * or `explain`; metadata, readiness and loading are not, since they cost the predictor nothing.
 */
export function serveRequests(options: {
  readonly name: string;
  readonly transformer: RequestTransformer;
  readonly limits: CallLimits;
  readonly metrics: CallMetrics;
  readonly readiness: Readiness;
}): RequestModel {
  const { name, transformer, limits, metrics, readiness } = options;
  const { inferStream, repository, predictV1, explainV1 } = transformer;
  const settings = { modelName: name, limits, metrics };
  const v1 = { predict: predictV1, explain: explainV1 };

  const run = <T>(stage: 'predict' | 'explain', call: ServedCall, work: (context: RequestContext) => Promise<T>) =>
    runCall(call, settings, (context) => runStage(context, stage, work));
  const outside = (call: ServedCall): Pick<RequestContext, 'call'> => ({ call: toCallOptions(call, call.signal) });

  return {
    kind: 'requests',
    name,
    readiness,
    infer: (request, call) => run('predict', call, (context) => transformer.infer(request, context)),
    ...(inferStream !== undefined && {
      inferStream: (requests, call) =>
        streamCall(call, settings, (context) =>
          streamStage(context, 'predict', (inStage) => inferStream(requests, inStage)),
        ),
    }),
    ...(repository !== undefined && {
      repository: {
        load: (parameters, call) => repository.load(parameters, outside(call)),
        unload: (parameters, call) => repository.unload(parameters, outside(call)),
      },
    }),
    v1: async (verb, body, call) => {
      const work = v1[verb];
      if (work === undefined) throw noV1();
      return run(verb, call, (context) => work(body, context));
    },
    metadata: async (version, call) => ({ ...(await transformer.metadata(version, outside(call))), name }),
    isVersionReady: (version, call) => transformer.isVersionReady(version, outside(call)),
  };
}

function noV1(): ServiceError {
  const message =
    'This model takes requests of the Open Inference Protocol alone, {"inputs": …}: its predictor does not speak V1';
  return new ServiceError('unimplemented', message);
}
