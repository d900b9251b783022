import * as z from 'zod';
import { flag, text } from '../fields.js';
import { headerNames, hostNames } from '../list-fields.js';

/** Who may call, over what, and which headers go through. */
export const securityOptions = z.object({
  ssl_certfile: text("a file's path")
    .optional()
    .describe(
      'certificate of both servers, with its chain, as PEM; makes them speak TLS 1.2 or newer. Read again when it changes',
    ),
  ssl_keyfile: text("a file's path").optional().describe('private key of --ssl_certfile, as PEM without a passphrase'),
  bearer_token_file: text("a file's path")
    .optional()
    .describe(
      'file of tokens, one a line, # begins a comment: calls must bring one of them as Authorization: Bearer …; probes and /metrics need none. Read again when it changes',
    ),
  allow_url_items: flag()
    .default(false)
    .describe('whether pictures may be named by URL, which the service then fetches'),
  url_allowed_hosts: hostNames()
    .default([])
    .describe('the only hosts that pictures are fetched from; without any, every host of the public internet'),
  item_dir: text('a folder')
    .optional()
    .describe('folder within which pictures may be named by path:…; by default none may be'),
  forward_headers: headerNames()
    .default(['x-request-id', 'x-b3-traceid', 'authorization', 'traceparent', 'tracestate'])
    .describe(
      "the client's headers that go on to the predictor; with --bearer_token_file authorization is not among the default ones",
    ),
  forward_response_headers: headerNames().default([]).describe("the predictor's headers that go back to the client"),
});
