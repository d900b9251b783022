import type { Dispatcher } from 'undici';

/** An answer, of whatever status. */
export interface HttpAnswer<Body = Uint8Array> {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Body;
}

/** A header's first value; names are in lower case. */
export function headerOf(answer: Pick<HttpAnswer, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
