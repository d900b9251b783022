import type { SourcePackage } from './tarball.mjs';

export type Edit = 'dynamic-batch' | 'flush-tiny-weights' | 'quality-head';

export interface CatalogueModel {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly builtSha256: string;
  readonly edits: readonly Edit[];
}

export const SOURCE_PACKAGE: SourcePackage;
export const MODELS: readonly CatalogueModel[];
