import { createCallHeaders, FORWARDED_HEADERS } from '../../../../src/predictor/triton/calls/call-headers.js';
import { ServiceError } from '../../../../src/errors.js';
import { serviceErrorThrownBy, serviceErrorOf } from '../../../helpers/service-error-of.js';

const NONE = { headers: {}, auth: undefined, forwardHeaders: FORWARDED_HEADERS };

describe('createCallHeaders()', () => {
  it('sends those of every call, under names in lower case', async () => {
    const headersOf = createCallHeaders({ ...NONE, headers: { 'Triton-Grpc-Protocol-Infer-Key': 'open sesame' } });
    expect(await headersOf(undefined)).toEqual({ 'triton-grpc-protocol-infer-key': 'open sesame' });
  });

  it("sends a call's own where the list allows them, over those of every call", async () => {
    const headersOf = createCallHeaders({ ...NONE, headers: { traceparent: '00-0', 'x-team': 'a' } });
    const own = {
      TraceParent: '00-1',
      'x-request-id': 'r',
      cookie: 'c',
      host: 'h',
      connection: 'close',
      'x-team': 'b',
    };
    expect(await headersOf(own)).toEqual({ traceparent: '00-1', 'x-request-id': 'r', 'x-team': 'a' });
  });

  it('forwards exactly what another list names', async () => {
    const headersOf = createCallHeaders({ ...NONE, forwardHeaders: ['X-Tenant'] });
    expect(await headersOf({ 'x-tenant': 't', 'x-tenant-2': 'u', authorization: 'a' })).toEqual({ 'x-tenant': 't' });
  });

  it("forwards all of a call's own but those of connections, of the protocols, and of bytes", async () => {
    const headersOf = createCallHeaders({ ...NONE, forwardHeaders: 'all' });
    const sent = { 'x-tenant': 't', cookie: 'c', authorization: 'a', accept: 'application/json' };
    const keptBack = {
      Host: 'h',
      connection: 'close',
      TE: 'trailers',
      'grpc-timeout': '1S',
      'content-length': '1',
      'Inference-Header-Content-Length': '2',
      'trace-bin': 'AA==',
      'bad name': 'x',
      'x-odd': 'naïve',
    };
    expect(await headersOf({ ...sent, ...keptBack })).toEqual(sent);
  });

  it("leaves a call's own out when its value cannot be sent", async () => {
    const headersOf = createCallHeaders(NONE);
    expect(await headersOf({ traceparent: 'naïve', tracestate: 'a\nb', 'x-request-id': 'fine' })).toEqual({
      'x-request-id': 'fine',
    });
  });

  it.each([
    ['a token', { bearer: 'abc.def' }, 'Bearer abc.def'],
    // RFC 7617, 2 and 2.1.
    ['a name and password', { username: 'Aladdin', password: 'open sesame' }, 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    ['a password beyond ASCII', { username: 'test', password: '123£' }, 'Basic dGVzdDoxMjPCow=='],
  ])('sends %s as authorization', async (_, auth, authorization) => {
    expect(await createCallHeaders({ ...NONE, auth })(undefined)).toEqual({ authorization });
    expect(await createCallHeaders({ ...NONE, auth: () => auth })(undefined)).toEqual({ authorization });
    expect(await createCallHeaders({ ...NONE, auth: () => Promise.resolve(auth) })(undefined)).toEqual({
      authorization,
    });
  });

  it('asks for credentials again each time', async () => {
    let count = 0;
    const auth = () => ({ bearer: `token-${++count}` });
    const headersOf = createCallHeaders({ ...NONE, headers: { 'x-team': 'a' }, auth });
    expect(await headersOf({})).toEqual({ 'x-team': 'a', authorization: 'Bearer token-1' });
    expect(await headersOf({})).toEqual({ 'x-team': 'a', authorization: 'Bearer token-2' });
  });

  it("prefers a call's own authorization", async () => {
    const headersOf = createCallHeaders({ ...NONE, auth: { bearer: 'ours' } });
    expect(await headersOf({ authorization: 'Bearer theirs' })).toEqual({ authorization: 'Bearer theirs' });
  });

  it.each([
    [{ headers: { host: 'x' } }, 'headers must not name "host", which belongs to the connection or the protocol'],
    [{ headers: { 'Content-Length': '1' } }, 'headers must not name "Content-Length", which belongs to the'],
    [{ headers: { 'grpc-timeout': '1S' } }, 'headers must not name "grpc-timeout", which belongs to the'],
    [
      { headers: { 'bad name': 'x' } },
      'headers must name headers of letters, digits and "_.-" that do not end with -bin',
    ],
    [{ headers: { 'trace-bin': 'x' } }, 'do not end with -bin; received "trace-bin"'],
    [{ headers: { 'x-secret': 'naïve' } }, 'headers.x-secret must be of printable ASCII'],
    [{ forwardHeaders: ['Transfer-Encoding'] }, 'forwardHeaders must not name "Transfer-Encoding"'],
    [{ auth: { bearer: 'two words' } }, 'auth.bearer must be a token of visible ASCII'],
    [{ auth: { username: 'a:b', password: '' } }, 'auth.username must not hold a colon, which begins the password'],
    [{ auth: { username: 'a', password: 'p\n' } }, 'auth.username and auth.password must hold no control characters'],
  ])('refuses %j, and shows no secret', (wrong, message) => {
    const error = serviceErrorThrownBy(() => createCallHeaders({ ...NONE, ...wrong }));
    expect(error).toMatchObject({ code: 'invalid_argument' });
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/naïve|two words/);
  });

  it.each([
    [new Error('vault is sealed'), 'unauthenticated', 'The credentials for the predictor cannot be had'],
    [new ServiceError('permission_denied', 'not you'), 'permission_denied', 'not you'],
  ])('fails the call when the credentials cannot be had: %s', async (thrown, code, message) => {
    const brings = () => Promise.reject<{ bearer: string }>(thrown);
    const error = await serviceErrorOf(Promise.resolve(createCallHeaders({ ...NONE, auth: brings })(undefined)));
    expect(error).toMatchObject({ code, message });
  });

  it.each<[string, object | null]>([
    ['a token that is not set', { bearer: undefined }],
    ['a token that is null', { bearer: null }],
    ['a password that is not set', { username: 'u', password: undefined }],
    ['nothing', null],
  ])('refuses %s where credentials should be brought', async (_, brought) => {
    const auth = () => brought as { bearer: string };
    const error = await serviceErrorOf(Promise.resolve(createCallHeaders({ ...NONE, auth })(undefined)));
    expect(error).toMatchObject({
      code: 'unauthenticated',
      message:
        'The function auth must bring { bearer } or { username, password }, each a text; it brought something else',
    });
  });

  it('takes a name and password beside a token that is not set', async () => {
    const auth = () =>
      ({ bearer: undefined, username: 'test', password: '123£' }) as { username: string; password: string };
    expect(await createCallHeaders({ ...NONE, auth })(undefined)).toEqual({ authorization: 'Basic dGVzdDoxMjPCow==' });
  });

  it('refuses credentials that were brought and cannot be sent', async () => {
    const headersOf = createCallHeaders({ ...NONE, auth: () => ({ bearer: 'two words' }) });
    expect((await serviceErrorOf(Promise.resolve(headersOf({})))).message).toContain('auth.bearer must be a token');
  });
});
