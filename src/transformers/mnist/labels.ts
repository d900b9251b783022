/** The digits that the model knows, 0 to 9: its classes are in their order. */
export const DIGITS = 10;
