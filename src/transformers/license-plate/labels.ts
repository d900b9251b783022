/**
 * The Hangul syllables of Korean registration plates, in the order of the reader's tokens: private cars; commercial ones;
 * hired ones; parcel vans; the forces (Notification on Motor Vehicle Registration Plates, Ministry of Land,
 * Infrastructure and Transport, annexed table 1).
 */
// prettier-ignore
export const PLATE_SYMBOLS: readonly string[] = [
  '가', '나', '다', '라', '마', '거', '너', '더', '러', '머', '버', '서', '어', '저', '고', '노', '도', '로', '모', '보',
  '소', '오', '조', '구', '누', '두', '루', '무', '부', '수', '우', '주',
  '바', '사', '아', '자',
  '하', '허', '호',
  '배',
  '국', '합', '육', '해', '공',
];

/** The regions that older and commercial plates name, in the order of the reader's tokens. */
// prettier-ignore
export const PLATE_REGIONS: readonly string[] = [
  '서울', '부산', '대구', '인천', '광주', '대전', '울산', '세종', '경기',
  '강원', '충북', '충남', '전북', '전남', '경북', '경남', '제주',
];

/**
 * How the marks of a plate are laid out, in the order of the reader's output `shape`. Sizes in millimetres:
 *
 * - `one-line`, 520 × 110: `12가 3456`, `123가 4567`;
 * - `one-line-short`, 335 × 155: the same on a sheet for cars with less room;
 * - `one-line-region`, 520 × 110: commercial, the region's two syllables one above the other, then `12바 3456`;
 * - `two-line`, 335 × 170: `12가` above `3456`;
 * - `two-line-region`, 335 × 170 or 440 × 220: `서울 12` above `가 3456`.
 */
export const PLATE_SHAPES = ['one-line', 'one-line-short', 'one-line-region', 'two-line', 'two-line-region'] as const;

/** The shape of a plate; `unknown` where the reader does not tell. */
export type PlateShape = (typeof PLATE_SHAPES)[number] | 'unknown';
