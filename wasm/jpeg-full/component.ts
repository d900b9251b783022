/**
 * A colour component of the picture that is being decoded: its place in a band (a row of MCUs) of samples, and how its
 * rows come to the picture's size.
 */
import { enlarge, heightenAbove, heightenBelow, repeat, widen } from './upsample';

/** Rows and columns of a block. */
export const BLOCK_PX: i32 = 8;

/** Read before a row's first sample, of which one is a copy of it. */
const LEFT_MARGIN: usize = 16;
/** Read behind a row's last block; the sample behind its last is a copy of that. */
const RIGHT_MARGIN: usize = 32;

/** libjpeg's filters want more samples in a row than this (jdsample.c). */
const MAX_UNFILTERED_WIDTH = 2;

@unmanaged
export class Component {
  /** Blocks of an MCU, across and down: the sampling factors. */
  across: i32;
  down: i32;
  /** Samples, without what fills up the last blocks. */
  width: i32;
  height: i32;
  /** How many times the picture is wider and higher than the component. */
  scaleX: i32;
  scaleY: i32;
  /** Is a triangle filter used in that direction, or are samples repeated? */
  isFilteredX: bool;
  isFilteredY: bool;
  /** Bytes from row to row. */
  stride: usize;
  /** The first sample of the band's first row; a row stands above the band, another below it. */
  samples: usize;
  /** Where a row at the picture's size is made. */
  row: usize;
  /** 64 i16, row by row. */
  quantization: usize;
  /** Huffman tables. */
  dc: usize;
  ac: usize;
  /** The first coefficient of the block before. */
  prediction: i32;

  /** The band's rows. */
  get rows(): i32 {
    return this.down * BLOCK_PX;
  }

  /**
   * Lays the component out from an address.
   * @returns the address behind it
   */
  layOut(at: usize, mcus: i32): usize {
    const samples: usize = mcus * this.across * BLOCK_PX;
    this.isFilteredX = this.scaleX == 2 && this.scaleY <= 2 && this.width > MAX_UNFILTERED_WIDTH;
    this.isFilteredY = this.scaleY == 2 && (this.scaleX == 1 || this.isFilteredX);
    this.stride = (LEFT_MARGIN + samples + RIGHT_MARGIN + 15) & ~15;
    this.samples = at + this.stride + LEFT_MARGIN;
    this.row = at + this.stride * (this.rows + 2);
    return this.row + ((samples * this.scaleX + RIGHT_MARGIN + 15) & ~15);
  }

  /** To be called before a further band is decoded: its first row is filtered with the last one of this. */
  keepLastRow(): void {
    memory.copy(this.rowAt(-1) - LEFT_MARGIN, this.rowAt(this.rows - 1) - LEFT_MARGIN, this.stride);
  }

  /**
   * To be called when a band is decoded: copies the samples and rows at the picture's edges outwards.
   * @param band how many are above
   */
  extendEdges(band: i32): void {
    const rows = min(this.rows, this.height - band * this.rows);
    if (this.isFilteredX) {
      for (let y = 0; y < rows; y++) {
        const first = this.rowAt(y);
        store<u8>(first - 1, load<u8>(first));
        store<u8>(first + this.width, load<u8>(first + this.width - 1));
      }
    }
    if (!this.isFilteredY) return;
    if (band == 0) memory.copy(this.rowAt(-1) - LEFT_MARGIN, this.rowAt(0) - LEFT_MARGIN, this.stride);
    if (rows == this.height - band * this.rows) {
      memory.copy(this.rowAt(rows) - LEFT_MARGIN, this.rowAt(rows - 1) - LEFT_MARGIN, this.stride);
    }
  }

  /** Is it half the picture's size in both directions, and filtered? */
  get isHalved(): bool {
    return this.isFilteredX && this.isFilteredY;
  }

  /**
   * The component's row in which a row of the picture lies.
   * @param y the picture's row, counted from the band's first; −1 is the one above the band
   */
  nearRow(y: i32): usize {
    return this.rowAt((y + this.scaleY) / this.scaleY - 1);
  }

  /** The nearer of the rows above and below it; for half the picture's height. */
  farRow(y: i32): usize {
    const near = this.nearRow(y);
    return isBelow(y) ? near + this.stride : near - this.stride;
  }

  /**
   * A row at the picture's size.
   * @returns its address, good until the next call
   */
  fullRow(y: i32): usize {
    const near = this.nearRow(y);
    if (this.isFilteredY) {
      const far = this.farRow(y);
      if (this.isFilteredX) enlarge(near, far, this.row, this.width);
      else if (isBelow(y)) heightenBelow(near, far, this.row, this.width);
      else heightenAbove(near, far, this.row, this.width);
      return this.row;
    }
    if (this.scaleX == 1) return near;
    if (this.isFilteredX) widen(near, this.row, this.width);
    else repeat(near, this.row, this.width, this.scaleX);
    return this.row;
  }

  private rowAt(y: i32): usize {
    return this.samples + <usize>y * this.stride;
  }
}

/** Does a row lie in the lower half of a sample that is two rows high? */
function isBelow(y: i32): bool {
  return (y & 1) != 0;
}
