import * as z from 'zod';
import { text } from '../../src/config/fields.js';
import { describeGroups, describeOptions, helpText } from '../../src/config/help.js';

const transformers = {
  some: z.object({ some_model: text("a model's name").default('m').describe('the model it calls') }),
};

describe('describeOptions()', () => {
  it('describes every option, the transformers’ too', () => {
    const options = describeOptions(transformers);
    expect(options.every(({ description, accepts }) => description !== '' && accepts !== '')).toBe(true);
    expect(options.at(-1)).toEqual({
      name: 'some_model',
      variable: 'SOME_MODEL',
      accepts: "a model's name",
      defaultValue: 'm',
      description: 'the model it calls',
    });
  });
});

describe('describeGroups()', () => {
  it('tells the options of one model from those of the process', () => {
    const groups = new Map(describeGroups(transformers).map((group) => [group.title, group]));
    const namesOf = (title: string) => groups.get(title)?.options.map(({ name }) => name);
    expect(groups.get('Its predictor')?.isPerModel).toBe(true);
    expect(namesOf('Its predictor')).toContain('predictor_host');
    expect(groups.get('Limits')?.isPerModel).toBe(false);
    expect(namesOf('Transformer some')).toEqual(['some_model']);
  });

  it('shows defaults as they are written', () => {
    const defaults = new Map(describeOptions(transformers).map(({ name, defaultValue }) => [name, defaultValue]));
    expect(defaults.get('forward_headers')).toBe('x-request-id,x-b3-traceid,authorization,traceparent,tracestate');
    expect(defaults.get('forward_response_headers')).toBe('none');
    expect(defaults.get('enable_grpc')).toBe('true');
    expect(defaults.get('ssl_certfile')).toBeUndefined();
  });
});

describe('helpText()', () => {
  it('leaves out transformers without options', () => {
    expect(helpText({ plain: z.object({}) })).not.toContain('plain');
  });

  it('shows each flag with its meaning, what it takes and its default', () => {
    expect(helpText(transformers)).toContain(
      '  --http_port\n      port of the REST server; 0 takes a free one\n      a whole number from 0 to 65535 (default 8080)\n',
    );
    expect(helpText(transformers)).toContain('Transformer some\n\n  --some_model');
  });
});
