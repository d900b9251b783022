import * as z from 'zod';

/** What each component takes from the logarithm of a face's score: an explanation has one such object per face. */
export const faceSharesSchema = z.record(z.string(), z.number());

/** What each component takes from the logarithm of a face's score. */
export type FaceShares = z.infer<typeof faceSharesSchema>;
