export function extractFiles(tarball: Buffer, wanted: ReadonlyMap<string, string>): Promise<Map<string, Buffer>>;
