import * as z from 'zod';
import { text } from '../../src/config/fields.js';
import { describeOptions, helpText } from '../../src/config/help.js';

const transformers = {
  some: z.object({ some_model: text("a model's name").default('m').describe('the model it calls') }),
};

describe('describeOptions()', () => {
  it('describes every option, the transformers’ too', () => {
    const options = describeOptions(transformers);
    expect(options.every(({ description, accepts }) => description !== '' && accepts !== '')).toBe(true);
    expect(options.at(-1)).toEqual({
      name: 'some_model',
      accepts: "a model's name",
      defaultValue: 'm',
      description: 'the model it calls',
    });
  });
});

describe('helpText()', () => {
  it('shows each flag with its meaning, what it takes and its default', () => {
    expect(helpText(transformers)).toContain(
      '  --http_port\n      port of the REST server; 0 takes a free one\n      a whole number from 0 to 65535 (default 8080)\n',
    );
    expect(helpText(transformers)).toContain('--some_model');
  });
});
