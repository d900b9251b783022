import { parseLabels } from '../../src/transformers/label-file.js';

describe('parseLabels()', () => {
  it.each([
    ['lines', 'hat\nhard hat\n'],
    ['lines of Windows, after a mark', '\uFEFFhat\r\nhard hat\r\n\r\n'],
    ['index_to_name.json', '{"0": "hat", "1": "hard hat"}'],
    ['the same in another order', '{"1": "hard hat", "0": "hat"}'],
    ['TorchServe’s lists', '{"0": ["n1", "hat"], "1": ["n2", "hard hat"]}'],
    ['a list', '["hat", "hard hat"]'],
  ])('reads %s', (_, text) => {
    expect(parseLabels(text)).toEqual(['hat', 'hard hat']);
  });

  it('takes a first name in brackets for what it is', () => {
    expect(parseLabels('[PAD]\nhat\n')).toEqual(['[PAD]', 'hat']);
  });

  it.each([
    ['an empty text', '', 'it is empty'],
    ['no names', '{}', 'it is empty'],
    ['a line without a name', 'hat\n\nperson', 'class 1 has no name'],
    ['a name left out', '{"0": "hat", "2": "person"}', 'it has 2 names, and none for class 1'],
    ['other keys', '{"no": 0}', 'it has 1 names, and none for class 0'],
    ['numbers', '{"0": 7}', 'class 0 is 7, not a name'],
    ['half of a JSON', '{"0": "hat"', 'it begins as JSON and is none'],
  ])('refuses %s', (_, text, problem) => {
    expect(() => parseLabels(text)).toThrow(problem);
  });
});
