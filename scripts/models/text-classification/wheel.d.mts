export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
}

export function fetchWheel(options: {
  cache: string;
  log: (line: string) => void;
  wheel?: Wheel;
  pythons?: readonly string[];
}): Promise<Buffer>;
