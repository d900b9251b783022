import type { SourcePackage } from './tarball.mjs';

export type Edit = 'dynamic-batch' | 'flush-tiny-weights' | 'quality-head';

export type Maker = 'cifar10-stand-in';

export interface EditedModel {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly builtSha256: string;
  readonly edits: readonly Edit[];
}

export interface MadeModel {
  readonly name: string;
  readonly builtSha256: string;
  readonly maker: Maker;
}

export type CatalogueModel = EditedModel | MadeModel;

export const SOURCE_PACKAGE: SourcePackage;
export const MODELS: readonly CatalogueModel[];
