import { jsonOfParameters, parametersOfJson } from '../../src/oip/parameters.js';

describe('parametersOfJson()', () => {
  it('takes texts, booleans and numbers, and leaves out what is no single value', () => {
    const parameters = { text: 'a', flag: false, whole: 0, part: 0.5, list: [1], none: null, object: {} };
    expect(parametersOfJson(parameters, parameters)).toEqual({ text: 'a', flag: false, whole: 0, part: 0.5 });
  });

  it.each([[undefined], [null]])('takes %p for none', (none) => {
    expect(parametersOfJson(none, none)).toEqual({});
  });

  it('gives integers beyond 2^53 with all their digits', () => {
    const exact = { id: '18446744073709551615', text: '9007199254740993', long: 1e300 };
    expect(parametersOfJson({ id: 2 ** 64, text: '9007199254740993', long: 1e300 }, exact)).toEqual({
      id: 18446744073709551615n,
      text: '9007199254740993',
      long: 1e300,
    });
  });

  it('takes the name of a prototype for a name like others', () => {
    const parameters = JSON.parse('{"__proto__": "a", "constructor": "b"}') as Record<string, unknown>;
    const values = parametersOfJson(parameters, parameters);
    expect(Object.entries(values)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  });
});

describe('jsonOfParameters()', () => {
  it('writes bigints with all their digits', () => {
    const text = jsonOfParameters([
      ['id', 2n ** 64n - 1n],
      ['a"b', 'c"d'],
      ['flag', true],
      ['part', 0.5],
    ]);
    expect(text).toBe('{"id":18446744073709551615,"a\\"b":"c\\"d","flag":true,"part":0.5}');
  });

  it('writes none as an empty object', () => {
    expect(jsonOfParameters([])).toBe('{}');
  });
});
