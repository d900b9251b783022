export function unzip(archive: Buffer, wanted: readonly string[]): Map<string, Buffer>;
