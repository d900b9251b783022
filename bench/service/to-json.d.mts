export function toJson(results: object): string;
