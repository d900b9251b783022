interface Training {
  readonly service: string;
  readonly scripts: readonly { readonly name: string; readonly about: string }[];
}

export class UnknownScript extends Error {}

export function listTrainings(folder: string): Promise<Training[]>;
export function findScript(name: string, trainings: readonly Training[]): string;
