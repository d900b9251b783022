import type { CatalogueModel } from './models/catalogue.mjs';
import type { SourcePackage } from './models/tarball.mjs';

export function ensureModels(options: {
  log: (line: string) => void;
  repository?: string;
  cache?: string;
  env?: NodeJS.ProcessEnv;
  source?: SourcePackage;
  models?: readonly CatalogueModel[];
}): Promise<void>;

export function ensureOnDemandModel(
  name: string,
  options: { log: (line: string) => void; repository?: string; cache?: string },
): Promise<void>;
