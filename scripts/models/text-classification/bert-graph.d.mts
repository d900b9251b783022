export interface CheckpointTensor {
  readonly shape: number[];
  readonly data: Float32Array;
}

export function makeTextClassifier(parts: {
  weights: ReadonlyMap<string, CheckpointTensor>;
  config: {
    hidden_size: number;
    num_attention_heads: number;
    num_hidden_layers: number;
    layer_norm_eps: number;
  };
  head: { labels: string[]; weight: number[][]; bias: number[] };
}): Uint8Array;
