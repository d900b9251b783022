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

  it('says of which option the file cannot be used, and why', () => {
    const { code, message } = serviceErrorThrownBy(() => readLabels(fileOf('hat\n\nperson')));
    expect(code).toBe('invalid_argument');
    expect(message).toMatch(/^--helmet_detection_labels .*labels: class 1 has no name; expected one name a line/);
  });

  it('refuses a file that is not there', () => {
    expect(() => readLabels(path.join(folder, 'nowhere'))).toThrow(/it cannot be read; expected one name a line/);
  });
});
