export const MALLOC: Readonly<Record<string, string>>;
export const SERVERS: Readonly<
  Record<
    string,
    {
      readonly kinds: readonly string[];
      readonly pixels: 'exact' | 'fast';
      readonly venv?: string;
      readonly isExtra?: boolean;
      readonly isTriton?: boolean;
      readonly minClients?: number;
      readonly healthPath?: string;
    }
  >
>;
