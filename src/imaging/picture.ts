/**
 * A decoded picture: upright, RGB, 8 bits a channel, interleaved rows without padding
 * (`data.length` = widthPx · heightPx · 3). `data` lies on the memory that decoding was given: shared, so
 * worker threads see it without a copy, and valid as long as that memory is lent.
 */
export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly data: Uint8Array;
}
