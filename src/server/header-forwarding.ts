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

const NO_NAMES: ReadonlySet<string> = new Set();

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
      const ofConnection = namesIn(headers['connection']);
      const forwarded: Record<string, string> = {};
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined && isForPredictor(name) && !ofConnection.has(name)) {
          forwarded[name] = joined(value);
        }
      }
      return forwarded;
    },
    toClient: (headers) => {
      const ofConnection = namesIn(headers.get('connection'));
      return new Map([...headers].filter(([name]) => isForClient(name) && !ofConnection.has(name)));
    },
  };
}

/** The headers that `Connection` names belong to the connection, too (RFC 9110, 7.6.1). */
function namesIn(connection: string | readonly string[] | undefined): ReadonlySet<string> {
  if (connection === undefined) return NO_NAMES;
  return new Set(
    joined(connection)
      .split(',')
      .map((name) => name.trim().toLowerCase()),
  );
}

function joined(value: string | readonly string[]): string {
  return typeof value === 'string' ? value : value.join(', ');
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
