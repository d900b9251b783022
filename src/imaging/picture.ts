/**
 * A decoded picture: upright, RGB, 8 bits a channel, interleaved rows without padding
 * (`data.length` = widthPx · heightPx · 3). `data` lies on a SharedArrayBuffer, so worker threads see it without a copy.
 */
export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly data: Uint8Array;
}
