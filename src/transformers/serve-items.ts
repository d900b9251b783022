import { excerpt, ServiceError } from '../errors.js';
import {
  type InferRequest,
  type InferResponse,
  type ModelInfo,
  outputName,
  type TensorMetadata,
} from '../predictor/predictor.js';
import type { AnyTensor } from '../tensor.js';
import { type AnswerForms, toExplanation, toPrediction, toResponse } from './item-answers.js';
import type { Readiness } from './readiness.js';
import type { ItemResult, RunTransformer, Verb } from './run-transformer.js';
import type { ServedCall } from './served-call.js';
import type { ItemModel } from './served-model.js';
import type { AnyTransformer, Item } from './transformer.js';

/** What a service of items is called by those who ask for a version; it has no other. */
const VERSION = '1';

/** What stands for the runtime in the metadata of a service of items. */
const PLATFORM = 'kserve_transformer';

/** Every such service answers each item's prediction, or its error, as JSON text. */
const RESPONSE: TensorMetadata = { name: 'response', datatype: 'BYTES', shape: [-1] };

/** Makes a transformer of items answer the protocols' calls: tensors become items, and results tensors. */
export function serveItems(options: {
  readonly name: string;
  readonly transformer: AnyTransformer;
  readonly run: RunTransformer;
  readonly readiness: Readiness;
  readonly singleResponse: ItemModel['singleResponse'];
}): ItemModel {
  const { name, transformer, run, readiness, singleResponse } = options;
  const info: ModelInfo = {
    name,
    inputs: transformer.tensors.inputs,
    outputs: [...transformer.tensors.outputs, RESPONSE],
    maxBatchSize: Infinity,
    versions: [VERSION],
    platform: PLATFORM,
  };
  const explainOutputs = [...(transformer.tensors.explained?.outputs ?? []), RESPONSE];
  const assertVersion = (version: string | undefined) => {
    if (version === undefined || version === VERSION) return;
    const message = `Model with name "${name}" has no version ${excerpt(version)}, only ${VERSION}`;
    throw new ServiceError('not_found', message);
  };

  const inferItems = async (request: InferRequest, call: ServedCall, verb: Verb): Promise<InferResponse> => {
    assertVersion(request.version);
    const { form, outputs } =
      verb === 'explain'
        ? { form: transformer.tensors.explained, outputs: explainOutputs }
        : { form: transformer.tensors, outputs: info.outputs };
    const wanted = wantedOutputs(request, { name, outputs });
    const items = transformer.tensors.toItems(request.inputs);
    const results = await run({ ...call, items, verb });
    const isOwnWanted = wanted.some((output) => output !== RESPONSE.name);
    const tensors = new Map(isOwnWanted ? form?.toOutputs(results.map(resultOf)) : []);
    if (wanted.includes(RESPONSE.name)) {
      tensors.set(RESPONSE.name, responseTensor(transformer, { items, results, verb }));
    }
    const answered = wanted.flatMap((output): [string, AnyTensor][] => {
      const tensor = tensors.get(output);
      return tensor === undefined ? [] : [[output, tensor]];
    });
    return { outputs: new Map(answered), version: VERSION };
  };

  return {
    kind: 'items',
    name,
    readiness,
    transformer,
    info,
    explainOutputs,
    run,
    singleResponse,
    infer: (request, call) => inferItems(request, call, 'predict'),
    explain: (request, call) => inferItems(request, call, 'explain'),
    metadata: (version) =>
      Promise.resolve().then(() => {
        assertVersion(version);
        return info;
      }),
    isVersionReady: async (version) => {
      assertVersion(version);
      return (await readiness.check()).ready;
    },
  };
}

/** The names of the outputs that a request asks for; all of them when it names none. */
function wantedOutputs(
  { outputs }: InferRequest,
  { name, ...info }: Pick<ModelInfo, 'name' | 'outputs'>,
): readonly string[] {
  const known = info.outputs.map((output) => output.name);
  for (const [index, output] of (outputs ?? []).entries()) {
    if (typeof output !== 'string' && output.classification !== undefined) {
      throw new ServiceError('invalid_argument', `outputs[${index}]: classification is not supported for "${name}"`);
    }
    if (!known.includes(outputName(output))) {
      const unknown = `unexpected inference output ${JSON.stringify(excerpt(outputName(output)))} for model "${name}"`;
      const message = `outputs[${index}].name: ${unknown}; it has ${known.join(', ')}`;
      throw new ServiceError('invalid_argument', message);
    }
  }
  return outputs?.map(outputName) ?? known;
}

/** Each outcome as JSON text, in the richest form that the service has. */
function responseTensor(
  forms: AnswerForms,
  { items, results, verb }: { items: readonly Item[]; results: readonly ItemResult[]; verb: Verb },
): AnyTensor {
  const answerOf = (outcome: ItemResult, item: Item): unknown => {
    if (verb === 'explain') return toExplanation(outcome);
    return forms.toResponse === undefined
      ? toPrediction(forms, outcome, item)
      : toResponse(forms.toResponse, outcome, undefined);
  };
  const data = items.flatMap((item, index) => {
    const outcome = results[index];
    return outcome === undefined ? [] : [Buffer.from(JSON.stringify(answerOf(outcome, item)), 'utf8')];
  });
  return { datatype: 'BYTES', shape: [data.length], data };
}

function resultOf(outcome: ItemResult): unknown {
  return 'error' in outcome ? undefined : outcome.result;
}
