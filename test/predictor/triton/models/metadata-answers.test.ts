import { modelMetadataSchema, serverMetadataSchema } from '../../../../src/predictor/triton/models/metadata-answers.js';

const NOTHING = { versions: [], platform: '', inputs: [], outputs: [] };

describe('modelMetadataSchema', () => {
  it.each([
    ['is absent', {}],
    ["is null, as KServe's SDK writes it", { versions: null, platform: null, inputs: null, outputs: null }],
  ])('reads a model of which everything %s', (_, answer) => {
    expect(modelMetadataSchema.parse({ name: 'faces', ...answer })).toEqual({ name: 'faces', ...NOTHING });
  });

  it('refuses versions that are numbers', () => {
    expect(modelMetadataSchema.safeParse({ name: 'faces', versions: [1] }).success).toBe(false);
  });
});

describe('serverMetadataSchema', () => {
  it.each([{}, { extensions: null }])('reads a server with %j', (answer) => {
    expect(serverMetadataSchema.parse({ name: 'kserve', version: '0.20.0', ...answer })).toEqual({
      name: 'kserve',
      version: '0.20.0',
      extensions: [],
    });
  });
});
