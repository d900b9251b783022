/** Width and height of what the model looks at, in pixels. */
export const SIDE = 28;
