/** An answer, of whatever status. */
export interface HttpAnswer<Body = Uint8Array> {
  readonly status: number;
  /** By names in lower case; values of headers that come several times are joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Body;
}
