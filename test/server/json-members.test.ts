import fc from 'fast-check';
import { textOfMember } from '../../src/server/json-members.js';

const textOf = (json: string, name: string) => textOfMember(Buffer.from(json), name)?.toString();

describe('textOfMember()', () => {
  it.each([
    ['{"data":1}', '1'],
    [' {"a" : {"data":2}, "data" : {"x":[1,{"y":"}"}]} }', ' {"x":[1,{"y":"}"}]} '],
    ['{"data":9007199254740993,"a":1}', '9007199254740993'],
    ['{"a\\"data":1,"data":"\\",\\\\"}', '"\\",\\\\"'],
    ['{"data":1,"data":2}', '2'],
    ['{"\\u0064ata":[]}', '[]'],
    ['\ufeff{"é":"€","data":"é"}', '"é"'],
  ])('finds data in %s', (json, text) => {
    expect(textOf(json, 'data')).toBe(text);
  });

  it.each(['{}', '{"a":"data"}', '{"a":{"data":1}}', '{"a":["data",1]}'])('finds none in %s', (json) => {
    expect(textOf(json, 'data')).toBeUndefined();
  });

  it('finds each member of any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (object, spaces) => {
        const json = JSON.stringify(object, undefined, spaces);
        for (const [name, value] of Object.entries(object)) {
          expect(JSON.parse(textOf(json, name) ?? '')).toEqual(JSON.parse(JSON.stringify(value)));
        }
      }),
    );
  });
});
