export function readCpuSeconds<Name extends string>(
  roots: Readonly<Record<Name, number>>,
): Record<Name | 'busy', number>;
export function familyOf(pid: number): number[];
export function readMemory(pid: number): { readonly rssMiB: number; readonly pssMiB: number };
export function parseBusyTicks(text: string): number;
export function parseStat(text: string): { readonly parent: number; readonly ticks: number };
export function parseMemory(text: string): { readonly rssKiB: number; readonly pssKiB: number };
