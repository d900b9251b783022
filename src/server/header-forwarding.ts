/** Headers as they came: names in lower case, several of one name as a list. */
export type ReceivedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Decides which headers go on: a client's to the predictor, a predictor's to the client. */
export interface HeaderForwarding {
  toPredictor(headers: ReceivedHeaders): Record<string, string>;
  toClient(headers: ReadonlyMap<string, string>): Map<string, string>;
}

/**
 * What never goes on, whoever asks for it: what belongs to one connection (RFC 9110, 7.6.1), what each side writes
 * itself about its own message, and cookies, which are for the server that set them.
 */
const NEVER: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'host',
  'expect',
  'accept-encoding',
  'cookie',
  'set-cookie',
  'date',
  'server',
  'inference-header-content-length',
]);
const NEVER_PREFIX = /^(?:grpc|content)-/;

/** `/^x-b3-/`: a regular expression between slashes. */
const EXPRESSION = /^\/(?<source>.+)\/$/;

type Matcher = (name: string) => boolean;

/**
 * Makes the rules of forwarding.
 * @param lists each entry an exact name, a prefix (`x-my-*`) or a regular expression (`/^x-b3-/`); names in any case.
 * Checked by the configuration: an expression that is none throws a SyntaxError.
 */
export function createHeaderForwarding(lists: {
  readonly toPredictor: readonly string[];
  readonly toClient: readonly string[];
}): HeaderForwarding {
  const isForPredictor = toMatcher(lists.toPredictor);
  const isForClient = toMatcher(lists.toClient);
  return {
    toPredictor: (headers) => {
      const forwarded: Record<string, string> = {};
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined && isForPredictor(name)) {
          forwarded[name] = typeof value === 'string' ? value : value.join(', ');
        }
      }
      return forwarded;
    },
    toClient: (headers) => new Map([...headers].filter(([name]) => isForClient(name))),
  };
}

function toMatcher(list: readonly string[]): Matcher {
  const names = new Set(list.map((entry) => entry.toLowerCase()).filter((entry) => !isPattern(entry)));
  const patterns = list.filter(isPattern).map(toPattern);
  return (name) => {
    if (NEVER.has(name) || NEVER_PREFIX.test(name)) return false;
    return names.has(name) || patterns.some((matches) => matches(name));
  };
}

function isPattern(entry: string): boolean {
  return entry.endsWith('*') || EXPRESSION.test(entry);
}

function toPattern(entry: string): Matcher {
  const source = EXPRESSION.exec(entry)?.groups?.['source'];
  if (source !== undefined) {
    const expression = new RegExp(source, 'i');
    return (name) => expression.test(name);
  }
  const prefix = entry.slice(0, -1).toLowerCase();
  return (name) => name.startsWith(prefix);
}
