export function classesOf(answer: { readonly bytes: Buffer; readonly headLength: number }): number[];
