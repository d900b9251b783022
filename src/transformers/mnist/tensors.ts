import { excerpt, ServiceError } from '../../errors.js';
import type { NamedTensors, TensorMetadata } from '../../predictor/predictor.js';
import { IMAGE_INPUT, imageTensors } from '../image-tensors.js';
import type { Item, TensorForm } from '../transformer.js';
import { type Attributions, EXPLAINED } from './explain.js';
import { splitDigits } from './grey-values.js';
import { PREDICT_OUTPUT, toOutputs } from './postprocess.js';
import { SIDE } from './size.js';

/** Digits as numbers, by the name that KServe's example of MNIST gives them. */
const GREY_INPUT: TensorMetadata = { name: 'input-0', datatype: 'FP32', shape: [-1, SIDE, SIDE] };

/**
 * How the service reads the Open Inference Protocol: one input, whatever its name, in which BYTES are pictures and
 * numbers are grey values.
 */
export function mnistTensors(): TensorForm<number, Attributions> {
  const pictures = imageTensors<number>();
  return {
    inputs: [IMAGE_INPUT, GREY_INPUT],
    toItems: (inputs) => {
      const [only, ...others] = inputs;
      if (only === undefined || others.length > 0) throw notOne(inputs);
      const [name, tensor] = only;
      return tensor.datatype === 'BYTES' ? pictures.toItems(inputs) : toItems(name, tensor);
    },
    outputs: [PREDICT_OUTPUT],
    toOutputs,
    explained: EXPLAINED,
  };
}

function toItems(...[name, tensor]: Parameters<typeof splitDigits>): Item[] {
  return splitDigits(name, tensor).map((value, index) => ({ path: `inputs[0].data[${index}]`, value }));
}

function notOne(inputs: NamedTensors): ServiceError {
  const pictures = `"${IMAGE_INPUT.name}" BYTES, a picture an element`;
  const greys = `"${GREY_INPUT.name}" FP32 [N,${SIDE},${SIDE}] of 0..1`;
  const received = excerpt([...inputs.keys()].join(', ')) || 'none';
  return new ServiceError(
    'invalid_argument',
    `inputs: expected one input, ${pictures}, or ${greys}; received: ${received}`,
  );
}
