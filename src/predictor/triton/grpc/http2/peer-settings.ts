import type { Buffer } from 'node:buffer';
import {
  DEFAULT_FRAME_BYTES,
  DEFAULT_WINDOW_BYTES,
  MAX_31_BITS,
  MAX_FRAME_BYTES,
  SETTING,
  SETTING_BYTES,
} from './frames.js';
import { type FaultCode, Http2Fault } from './http2-fault.js';
import { DEFAULT_TABLE_BYTES } from './static-table.js';

/** What the server has set, as far as a client heeds it. */
export interface PeerSettings {
  readonly tableBytes: number;
  readonly maxStreams: number;
  /** The window that each stream starts with. */
  readonly windowBytes: number;
  readonly frameBytes: number;
}

/** What holds until the server says otherwise (RFC 9113, 6.5.2). */
export const INITIAL_SETTINGS: PeerSettings = {
  tableBytes: DEFAULT_TABLE_BYTES,
  maxStreams: Infinity,
  windowBytes: DEFAULT_WINDOW_BYTES,
  frameBytes: DEFAULT_FRAME_BYTES,
};

/** A setting's place, and its range with the error that stands for all outside it. */
interface Heeded {
  readonly key: keyof PeerSettings;
  readonly min: number;
  readonly max: number;
  readonly fault: FaultCode;
}

const MAX_32_BITS = 2 ** 32 - 1;

const HEEDED: Readonly<Record<number, Heeded>> = {
  [SETTING.headerTableSize]: { key: 'tableBytes', min: 0, max: MAX_32_BITS, fault: 'protocolError' },
  [SETTING.maxConcurrentStreams]: { key: 'maxStreams', min: 0, max: MAX_32_BITS, fault: 'protocolError' },
  [SETTING.initialWindowSize]: { key: 'windowBytes', min: 0, max: MAX_31_BITS, fault: 'flowControlError' },
  [SETTING.maxFrameSize]: {
    key: 'frameBytes',
    min: DEFAULT_FRAME_BYTES,
    max: MAX_FRAME_BYTES,
    fault: 'protocolError',
  },
};

/**
 * What holds behind a SETTINGS frame; settings that are not known mean nothing.
 * @throws Http2Fault for a length or a value that cannot be
 */
export function readSettings(before: PeerSettings, content: Buffer): PeerSettings {
  if (content.length % SETTING_BYTES !== 0) throw new Http2Fault('frameSizeError', 'settings end within one');
  const settings = { ...before };
  for (let at = 0; at < content.length; at += SETTING_BYTES) {
    const setting = content.readUInt16BE(at);
    const value = content.readUInt32BE(at + 2);
    if (setting === SETTING.enablePush && value !== 0) throw outOfRange('protocolError', setting);
    const heeded = HEEDED[setting];
    if (heeded === undefined) continue;
    if (value < heeded.min || value > heeded.max) throw outOfRange(heeded.fault, setting);
    settings[heeded.key] = value;
  }
  return settings;
}

function outOfRange(fault: FaultCode, setting: number): Http2Fault {
  return new Http2Fault(fault, `the setting ${setting} is out of its range`);
}
