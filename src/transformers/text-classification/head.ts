import * as z from 'zod';

/** A linear layer from embeddings to logits. */
export interface Head {
  readonly labels: readonly string[];
  /** How many numbers an embedding has. */
  readonly width: number;
  /** @param embedding `width` values @returns a logit for each label */
  readonly logits: (embedding: Float32Array) => Float32Array;
}

const headSchema = z.object({
  labels: z.array(z.string().min(1)).min(1).optional(),
  weight: z.array(z.array(z.number()).min(1)).min(1),
  bias: z.array(z.number()),
});

/**
 * Reads a head: `{"labels"?: [C], "weight": [C][D], "bias": [C]}`.
 * @param labels take the place of the file's own
 * @throws Error saying what is wrong with the text
 */
export function parseHead(content: string, labels?: readonly string[]): Head {
  const { weight, bias, labels: own } = headSchema.parse(JSON.parse(content));
  const names = labels ?? own ?? [];
  const width = weight[0]?.length ?? 0;
  if (weight.some((row) => row.length !== width)) throw new Error('the rows of "weight" are not equally long');
  if (bias.length !== weight.length || names.length !== weight.length) {
    throw new Error(`${weight.length} rows of "weight", ${bias.length} of "bias", ${names.length} labels`);
  }
  const matrix = Float64Array.from(weight.flat());
  return {
    labels: names,
    width,
    logits: (embedding) =>
      Float32Array.from(bias, (start, row) => {
        let sum = start;
        for (let column = 0; column < width; column++) {
          sum += (matrix[row * width + column] ?? 0) * (embedding[column] ?? 0);
        }
        return sum;
      }),
  };
}
