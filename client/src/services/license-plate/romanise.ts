/** The syllables of Hangul stand in order of their parts: 19 first sounds, 21 vowels, 28 last sounds (Unicode, 3.12). */
const FIRST_SYLLABLE = 0xac00;
const VOWELS = 'a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i'.split(' ');
const FIRST = 'g kk n d tt r m b pp s ss - j jj ch k t p h'.split(' ').map((sound) => sound.replace('-', ''));
const LAST = '- k k k n n n t l k m l l l p l m p p t t ng t t k t p t'
  .split(' ')
  .map((sound) => sound.replace('-', ''));

/**
 * A text with each syllable of Hangul written in Latin letters, for a font that has no others: Revised Romanisation of
 * Korean, syllable by syllable. `12가 3456` becomes `12ga 3456`.
 */
export function romanise(text: string): string {
  return text.replace(/[가-힣]/g, (syllable) => {
    const place = syllable.charCodeAt(0) - FIRST_SYLLABLE;
    const [first, vowel, last] = [
      Math.floor(place / (VOWELS.length * LAST.length)),
      Math.floor(place / LAST.length) % VOWELS.length,
      place % LAST.length,
    ];
    return `${FIRST[first] ?? ''}${VOWELS[vowel] ?? ''}${LAST[last] ?? ''}`;
  });
}
