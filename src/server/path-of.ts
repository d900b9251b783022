import type { IncomingMessage } from 'node:http';

/** The path of a request as it was sent, without its query; a proxy's client names the server before it (RFC 9112, 3.2.2). */
export function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const path = url.startsWith('/') ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const end = path.search(/[?#]/);
  const withoutQuery = end < 0 ? path : path.slice(0, end);
  return withoutQuery === '' ? '/' : withoutQuery;
}
