export function ensureTorch(programs: string, log: (line: string) => void): Promise<string | undefined>;
export function needsCuda(output: string): boolean;
