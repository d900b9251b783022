import { SETTING, settingsFrame } from '../../../../../src/predictor/triton/grpc/http2/frames.js';
import { INITIAL_SETTINGS, readSettings } from '../../../../../src/predictor/triton/grpc/http2/peer-settings.js';

const content = (...settings: [number, number][]) => settingsFrame(settings).subarray(9);

describe('readSettings()', () => {
  it('takes what is set, the last of several, and leaves the rest', () => {
    const settings = readSettings(
      INITIAL_SETTINGS,
      content([SETTING.maxConcurrentStreams, 1], [SETTING.maxFrameSize, 20_000], [SETTING.maxConcurrentStreams, 7]),
    );
    expect(settings).toEqual({ tableBytes: 4096, maxStreams: 7, windowBytes: 65_535, frameBytes: 20_000 });
    expect(readSettings(settings, content([SETTING.headerTableSize, 0])).maxStreams).toBe(7);
  });

  it('passes over settings that it does not know', () => {
    expect(readSettings(INITIAL_SETTINGS, content([0xff, 1], [SETTING.enablePush, 0]))).toEqual(INITIAL_SETTINGS);
  });

  it.each([
    ['a push', SETTING.enablePush, 1, 'protocolError: the setting 2 is out of its range'],
    ['a window', SETTING.initialWindowSize, 2 ** 31, 'flowControlError: the setting 4 is out of its range'],
    ['a small frame', SETTING.maxFrameSize, 16_383, 'protocolError: the setting 5 is out of its range'],
    ['a large frame', SETTING.maxFrameSize, 2 ** 24, 'protocolError: the setting 5 is out of its range'],
  ])('refuses %s that cannot be', (_, setting, value, problem) => {
    expect(() => readSettings(INITIAL_SETTINGS, content([setting, value]))).toThrow(problem);
  });

  it('refuses settings that end within one', () => {
    expect(() => readSettings(INITIAL_SETTINGS, Buffer.alloc(7))).toThrow('frameSizeError');
  });
});
