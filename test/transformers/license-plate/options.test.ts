import { licensePlateOptions } from '../../../src/transformers/license-plate/options.js';

describe('licensePlateOptions', () => {
  it('read Korean plates by default', () => {
    const options = licensePlateOptions.parse({});
    expect(options).toMatchObject({
      plate_detector: 'plate_detector',
      plate_reader: 'plate_reader',
      plate_decoding: 'places',
      plate_min_score: 0.4,
      plate_max_iou: 0.3,
      plate_margin: 0.04,
      plate_min_confidence: 0.1,
      plate_max_plates: 100,
    });
    expect([options.plate_symbols.length, options.plate_regions.length]).toEqual([45, 17]);
  });

  it('take other symbols, and no regions', () => {
    const options = licensePlateOptions.parse({ plate_symbols: 'A,B,C,D,E', plate_regions: 'none' });
    expect(options).toMatchObject({ plate_symbols: ['A', 'B', 'C', 'D', 'E'], plate_regions: [] });
  });

  it.each([
    ['plate_symbols', 'A,A', /^expects words separated by commas, none twice; or none, received "A,A"/],
    ['plate_symbols', 'A B', /^expects words separated by commas/],
    ['plate_decoding', 'beam', /one of places, ctc/],
    ['plate_min_score', '1.5', /a number from 0 to 1/],
    ['plate_max_plates', 0, /a whole number from 1 to 1000/],
  ])('refuse %s %j', (name, given, message) => {
    const { error } = licensePlateOptions.safeParse({ [name]: given });
    expect(error?.issues.map((issue) => issue.message).join()).toMatch(message);
  });
});
