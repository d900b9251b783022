export function familyOf(pid: number): number[];
export function cpuSecondsOf(pid: number): number;
export function residentMiBOf(pid: number): number;
export function busySeconds(): number;
export function parseBusyTicks(text: string): number;
export function parseStat(text: string): { readonly parent: number; readonly ticks: number };
