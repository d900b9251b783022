import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HELMET_LABELS, readLabels } from '../../../src/transformers/helmet-detection/labels.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

describe('readLabels()', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'labels-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function fileOf(text: string): string {
    const file = path.join(folder, 'labels');
    writeFileSync(file, text);
    return file;
  }

  it('reads the labels of the model that comes with the project, which are known without', () => {
    expect(readLabels('triton-models/helmet_detection/labels.txt')).toEqual(HELMET_LABELS);
    const config = readFileSync('triton-models/helmet_detection/config.pbtxt', 'utf8');
    expect(config).toContain(`dims: [8000, ${5 + HELMET_LABELS.length}]`);
  });

  it.each([
    ['lines', 'hat\nhard hat\n'],
    ['lines of Windows, after a mark', '\uFEFFhat\r\nhard hat\r\n\r\n'],
    ['index_to_name.json', '{"0": "hat", "1": "hard hat"}'],
    ['the same in another order', '{"1": "hard hat", "0": "hat"}'],
    ['TorchServe’s lists', '{"0": ["n1", "hat"], "1": ["n2", "hard hat"]}'],
    ['a list', '["hat", "hard hat"]'],
  ])('reads %s', (_, text) => {
    expect(readLabels(fileOf(text))).toEqual(['hat', 'hard hat']);
  });

  it.each([
    ['an empty file', '', 'it is empty'],
    ['no names', '{}', 'it is empty'],
    ['a line without a name', 'hat\n\nperson', 'class 1 has no name'],
    ['a name left out', '{"0": "hat", "2": "person"}', 'it has 2 names, and none for class 1'],
    ['numbers', '{"0": 7}', 'class 0 is 7, not a name'],
    ['half of a JSON', '{"0": "hat"', 'it begins as JSON and is none'],
  ])('refuses %s', (_, text, problem) => {
    const { code, message } = serviceErrorThrownBy(() => readLabels(fileOf(text)));
    expect(code).toBe('invalid_argument');
    expect(message).toContain(problem);
  });

  it('refuses a file that is not there', () => {
    expect(() => readLabels(path.join(folder, 'nowhere'))).toThrow(/it cannot be read; expected one name a line/);
  });
});
