import { readFile } from 'node:fs/promises';
import { type Http2Connection, openHttp2 } from '../../../../../src/predictor/triton/grpc/http2-connection.js';
import {
  FLAG,
  FRAME,
  pingFrame,
  SETTING,
  settingsFrame,
} from '../../../../../src/predictor/triton/grpc/http2/frames.js';
import { type FramesPeer, frame, headersFrame, serveFrames, word } from '../../../../helpers/frames-server.js';
import { serveBytes } from '../../../../helpers/own-server.js';
import { serviceErrorOf } from '../../../../helpers/service-error-of.js';

const ends: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const { signal } = new AbortController();
const HEADERS = { ':method': 'POST', ':scheme': 'http', ':authority': 'triton.test' };
const OK = { ':status': '200' };

function open(port: number, onLost: () => void = () => undefined): Promise<Http2Connection> {
  return openHttp2({ ip: '127.0.0.1', port, headers: HEADERS }, signal, onLost);
}

/** A connection and its other end. */
async function connected(settings: [number, number][] = []) {
  let peer: FramesPeer | undefined;
  const server = await serveFrames((made) => (peer = made), settings);
  ends.push(() => server.close());
  let lostCount = 0;
  const connection = await open(server.port, () => lostCount++);
  ends.push(() => connection.close());
  if (peer === undefined) throw new Error('the server has no connection');
  return { connection, peer, lost: () => lostCount };
}

/** Makes a request; what comes of it is told one behind the other, and `done` settles behind the last. */
function request(connection: Http2Connection, body: Uint8Array = Buffer.alloc(1), path = '/call') {
  const told: string[] = [];
  let end: (() => void) | undefined;
  const done = new Promise<string[]>((resolve) => (end = () => resolve(told)));
  const exchange = connection.request(
    { path, headers: {}, pieces: [body] },
    {
      onHeaders: (headers) => told.push([...headers].join(' ')),
      onData: (piece) => told.push(piece.toString()),
      onEnd: () => {
        told.push('end');
        end?.();
      },
      onBroken: (cause) => {
        told.push(cause.message);
        end?.();
      },
    },
  );
  return { done, cancel: () => exchange.cancel(), told };
}

/** Whole rounds to the server and back, behind which all that was sent before has been heard. */
async function roundTrip(peer: FramesPeer): Promise<void> {
  peer.send(pingFrame(Buffer.alloc(8, 7), false));
  for (let ping = await peer.next('ping'); ping.content[0] !== 7;) ping = await peer.next('ping');
}

describe('openHttp2()', () => {
  it('greets by settings and a wide window, and says that it heeds those of the server', async () => {
    const { peer } = await connected();
    expect((await peer.next('settings')).content.toString('hex')).toBe('00020000000000040080000000060001' + '0000');
    expect((await peer.next('windowUpdate')).content).toEqual(word(8 * 1024 * 1024 - 65_535));
    expect(await peer.next('settings')).toMatchObject({ flags: FLAG.ack, content: Buffer.alloc(0) });
  });

  it('has the system ask after a server that is silent', async () => {
    const { peer } = await connected();
    const { localPort = 0, remotePort = 0 } = peer.socket;
    const port = (number: number) => `:${number.toString(16).toUpperCase().padStart(4, '0')}`;
    const timer = async () => {
      const lines = (await readFile('/proc/net/tcp', 'latin1')).split('\n').map((line) => line.trim().split(/\s+/));
      const isOurs = ([, local, remote]: string[]) =>
        local?.endsWith(port(remotePort)) === true && remote?.endsWith(port(localPort)) === true;
      return lines.find(isOurs)?.[5];
    };
    // While a packet is on its way there is its own timer, 1; then that of keep-alive, 2, or none, 0 (Linux,
    // Documentation/networking/proc_net_tcp.rst).
    let found = await timer();
    while (found?.startsWith('01') === true) found = await timer();
    expect(found).toMatch(/^02:/);
  });

  it.each([
    ['another frame than settings', pingFrame(Buffer.alloc(8), false)],
    ['data', frame('data', 1, Buffer.alloc(1))],
    ['what is no HTTP/2', Buffer.from('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')],
  ])('refuses a server that begins by %s', async (_, bytes) => {
    const server = await serveBytes((socket) => socket.write(bytes));
    ends.push(() => server.close());
    let lostCount = 0;
    const error = await serviceErrorOf(open(server.port, () => lostCount++));
    expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor cannot be reached' });
    expect(String(error.cause)).toMatch(/settings|a frame of \d+ bytes/);
    expect(lostCount).toBe(1);
  });
});

describe('a request', () => {
  it('is sent as one message, and its answer is told as it comes', async () => {
    const { connection, peer } = await connected();
    const { done } = request(connection, Buffer.from('question'));
    const { headers, streamId } = await peer.next('headers');
    expect(Object.fromEntries(headers ?? [])).toEqual({ ...HEADERS, ':path': '/call' });
    expect(await peer.next('data')).toMatchObject({
      streamId: 1,
      flags: FLAG.endStream,
      content: Buffer.from('question'),
    });
    peer.send(
      headersFrame(streamId, { ':status': '103', link: 'early' }),
      headersFrame(streamId, OK),
      frame('data', streamId, Buffer.from('\x02answer\0\0'), FLAG.padded),
      headersFrame(streamId, { 'grpc-message': 'ends in spaces  ' }, true),
    );
    expect(await done).toEqual([':status,200', 'answer', 'grpc-message,ends in spaces  ', 'end']);
  });

  it('goes on where windows become wider, by a frame or by settings', async () => {
    const { connection, peer } = await connected([[SETTING.initialWindowSize, 10]]);
    request(connection, Buffer.from('0123456789abcdefghijklmno'));
    expect((await peer.next('data')).content.toString()).toBe('0123456789');
    peer.send(frame('windowUpdate', 1, word(5)));
    expect((await peer.next('data')).content.toString()).toBe('abcde');
    peer.send(settingsFrame([[SETTING.initialWindowSize, 15]]));
    expect((await peer.next('data')).content.toString()).toBe('fghij');
    // Less than nothing is left, and then 2 bytes.
    peer.send(settingsFrame([[SETTING.initialWindowSize, 0]]), frame('windowUpdate', 1, word(17)));
    expect((await peer.next('data')).content.toString()).toBe('kl');
    peer.send(frame('windowUpdate', 1, word(100)));
    expect(await peer.next('data')).toMatchObject({ content: Buffer.from('mno'), flags: FLAG.endStream });
  });

  it("shares the connection's window with others", async () => {
    const { connection, peer } = await connected([[SETTING.initialWindowSize, 1_000_000]]);
    request(connection, Buffer.alloc(100_000));
    request(connection, Buffer.alloc(20_000));
    const sent = new Map([
      [1, 0],
      [3, 0],
    ]);
    const take = async () => {
      const { streamId, content } = await peer.next('data');
      sent.set(streamId, (sent.get(streamId) ?? 0) + content.length);
    };
    const sum = () => [...sent.values()].reduce((a, b) => a + b);
    while (sum() < 65_535) await take();
    expect([...sent.values()]).toEqual([45_535, 20_000]);
    peer.send(frame('windowUpdate', 0, word(54_465)));
    while (sum() < 120_000) await take();
    expect([...sent.values()]).toEqual([100_000, 20_000]);
  });

  it('waits where the server allows no further streams, in order, unless it is cancelled', async () => {
    const { connection, peer } = await connected([[SETTING.maxConcurrentStreams, 1]]);
    const calls = ['/first', '/cancelled', '/third'].map((path) => request(connection, Buffer.alloc(1), path));
    calls[1]?.cancel();
    expect((await peer.next('headers')).headers?.get(':path')).toBe('/first');
    await roundTrip(peer);
    peer.send(headersFrame(1, OK, true));
    const second = await peer.next('headers');
    expect([second.streamId, second.headers?.get(':path')]).toEqual([3, '/third']);
    peer.send(settingsFrame([[SETTING.maxConcurrentStreams, 2]]));
    request(connection, Buffer.alloc(1), '/fourth');
    expect((await peer.next('headers')).headers?.get(':path')).toBe('/fourth');
  });

  it('waits where the connection takes no more bytes, so that those that are cancelled meanwhile leave none', async () => {
    const { connection, peer } = await connected([[SETTING.initialWindowSize, 2 ** 31 - 1]]);
    peer.send(frame('windowUpdate', 0, word(2 ** 30)));
    peer.socket.pause();
    const large = request(connection, Buffer.alloc(32 * 1024 * 1024));
    // The system's buffers are full a few turns later.
    for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate);
    for (let count = 0; count < 100; count++) request(connection, Buffer.alloc(1), '/cancelled').cancel();
    request(connection, Buffer.alloc(1), '/later');
    peer.socket.resume();
    expect((await peer.next('headers')).headers?.get(':path')).toBe('/call');
    const later = await peer.next('headers');
    expect([later.streamId, later.headers?.get(':path')]).toEqual([3, '/later']);
    peer.send(headersFrame(1, OK, true));
    expect(await large.done).toEqual([':status,200', 'end']);
  });

  it('that is cancelled is reset, and what still comes for it is read for its headers alone', async () => {
    const { connection, peer } = await connected();
    const { cancel, told } = request(connection);
    await peer.next('headers');
    cancel();
    cancel();
    expect((await peer.next('rstStream')).content).toEqual(word(8));
    const { done } = request(connection);
    // The first answer puts `x: y` into the table, and the second refers to it.
    peer.send(
      frame('headers', 1, Buffer.from('\x40\x01x\x01y', 'latin1'), FLAG.endHeaders),
      frame('data', 1, Buffer.from('late'), FLAG.endStream),
      frame('headers', 3, Buffer.from('\xbe', 'latin1'), FLAG.endHeaders | FLAG.endStream),
    );
    expect(await done).toEqual(['x,y', 'end']);
    expect(told).toEqual([]);
  });

  it('is not sent to its end when it is answered before', async () => {
    const { connection, peer } = await connected([[SETTING.initialWindowSize, 1_000_000]]);
    const { done } = request(connection, Buffer.alloc(200_000));
    peer.send(headersFrame((await peer.next('headers')).streamId, OK, true));
    expect(await done).toEqual([':status,200', 'end']);
    expect((await peer.next('rstStream')).content).toEqual(word(8));
    peer.send(frame('windowUpdate', 0, word(1_000_000)));
    // Nothing of the body comes before the answers, nor between them.
    for (let count = 0; count < 2; count++) {
      peer.send(pingFrame(Buffer.alloc(8), false));
      expect((await peer.nextOfAny()).type).toBe(FRAME.ping);
    }
  });

  it('that is cancelled leaves the window of the connection as wide for others', async () => {
    const { connection, peer } = await connected();
    const { cancel } = request(connection);
    await peer.next('headers');
    cancel();
    await peer.next('rstStream');
    const late = frame('data', 1, Buffer.alloc(16_384));
    for (let count = 0; count < 256; count++) peer.send(late);
    expect(await peer.next('windowUpdate')).toMatchObject({ streamId: 0, content: word(4 * 1024 * 1024) });
  });

  it.each([
    ['has a body before its head', frame('data', 1, Buffer.alloc(1)), 'its body comes before its head'],
    ['ends by what is no end', headersFrame(1, { ':status': '100' }, true), 'its headers are out of order'],
    [
      'has heads that do not end',
      Buffer.concat([headersFrame(1, OK), headersFrame(1, OK)]),
      'its headers are out of order',
    ],
  ])('breaks alone where its answer %s', async (_, bytes, problem) => {
    const { connection, peer } = await connected();
    const { done } = request(connection);
    await peer.next('headers');
    peer.send(bytes);
    expect((await done).at(-1)).toBe(`the answer is malformed: ${problem}`);
    expect((await peer.next('rstStream')).content).toEqual(word(1));
    expect(connection.isUsable()).toBe(true);
  });

  it('breaks where the server resets it', async () => {
    const { connection, peer } = await connected();
    const { done } = request(connection);
    await peer.next('headers');
    peer.send(frame('rstStream', 1, word(7)));
    expect(await done).toEqual(['the server reset the stream, by code 7']);
  });
});

describe('a session', () => {
  it('answers pings by their content, and passes over frames that it does not know', async () => {
    const { peer } = await connected();
    peer.send(frame(0xbe, 99, Buffer.alloc(100)), frame('priority', 0, Buffer.alloc(5)));
    peer.send(pingFrame(Buffer.from('a ping..'), false));
    expect(await peer.next('ping')).toMatchObject({ flags: FLAG.ack, content: Buffer.from('a ping..') });
  });

  it('breaks the requests that the server does not take before it goes, and ends behind the others', async () => {
    const { connection, peer, lost } = await connected();
    const [first, second] = [request(connection), request(connection)];
    await peer.next('headers');
    await peer.next('headers');
    peer.send(frame('goAway', 0, Buffer.concat([word(1), word(0), Buffer.from('bye')])));
    expect(await second.done).toEqual(['the server goes away, by code 0']);
    expect([connection.isUsable(), lost()]).toEqual([false, 1]);
    expect(() => request(connection)).toThrow('The predictor cannot be reached');
    peer.send(headersFrame(1, OK, true));
    expect(await first.done).toEqual([':status,200', 'end']);
    await peer.next('goAway');
    expect(lost()).toBe(1);
  });

  it('that is retired ends behind its requests', async () => {
    const { connection, peer, lost } = await connected();
    const { done } = request(connection);
    await peer.next('headers');
    connection.retire();
    expect([connection.isUsable(), lost()]).toEqual([false, 1]);
    peer.send(headersFrame(1, OK, true));
    await done;
    await peer.next('goAway');
  });

  it.each([
    ['pushes', frame('pushPromise', 1, Buffer.alloc(4)), 1],
    ['sends a part of headers without their beginning', frame('continuation', 1, Buffer.alloc(1)), 1],
    [
      'sends another frame within headers',
      Buffer.concat([frame('headers', 1, Buffer.alloc(1)), word(0), Buffer.alloc(5)]),
      1,
    ],
    ['opens a stream', headersFrame(2, OK), 1],
    ['answers what was not asked', headersFrame(99, OK), 1],
    ['sends data on the connection', frame('data', 0, Buffer.alloc(1)), 1],
    ['resets the connection', frame('rstStream', 0, word(1)), 1],
    ['sends settings on a stream', frame('settings', 1, Buffer.alloc(0)), 1],
    ['pings a stream', frame('ping', 1, Buffer.alloc(8)), 1],
    ['goes away from a stream', frame('goAway', 1, Buffer.alloc(8)), 1],
    ['widens a window by nothing', frame('windowUpdate', 0, word(0)), 1],
    ['widens a window too far', frame('windowUpdate', 0, word(2 ** 31 - 1)), 3],
    ['sends a short ping', frame('ping', 0, Buffer.alloc(7)), 6],
    ['sends a long reset', frame('rstStream', 1, Buffer.alloc(5)), 6],
    ['sends a short goodbye', frame('goAway', 0, Buffer.alloc(7)), 6],
    ['sends a short widening', frame('windowUpdate', 0, Buffer.alloc(3)), 6],
    ['confirms settings by some', frame('settings', 0, Buffer.alloc(6), FLAG.ack), 6],
    ['sends too large a frame', frame('data', 1, Buffer.alloc(16_385)), 6],
    ['sends headers that cannot be read', frame('headers', 1, Buffer.from([0xff, 0xff]), FLAG.endHeaders), 9],
  ])('ends with all requests where the server %s', async (_, bytes, code) => {
    const { connection, peer, lost } = await connected();
    const { done } = request(connection);
    await peer.next('headers');
    peer.send(bytes);
    expect(await done).toEqual([expect.stringMatching(/^HTTP\/2 \w+Error: /)]);
    expect((await peer.next('goAway')).content.readUInt32BE(4)).toBe(code);
    expect([connection.isUsable(), lost()]).toEqual([false, 1]);
  });

  it('widens the windows in time, for padding too', async () => {
    const { connection, peer } = await connected();
    const { done, told } = request(connection);
    await peer.next('headers');
    peer.send(headersFrame(1, OK));
    // More than a window holds, were it not widened.
    const padded = frame('data', 1, Buffer.concat([Buffer.of(255), Buffer.alloc(255)]), FLAG.padded);
    for (let count = 0; count < 40_000; count++) peer.send(padded);
    peer.send(headersFrame(1, OK, true));
    await done;
    expect(told).toEqual([':status,200', ':status,200', 'end']);
    const widened = [await peer.next('windowUpdate'), await peer.next('windowUpdate')];
    expect(widened.map(({ streamId }) => streamId)).toEqual([0, 1]);
  });

  it('ends where the server asks for answers without reading them', async () => {
    const { connection, peer } = await connected();
    const { done } = request(connection);
    await peer.next('headers');
    peer.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => pingFrame(Buffer.alloc(8), false)));
    const flood = () => {
      if (!peer.socket.destroyed) peer.socket.write(pings, () => setImmediate(flood));
    };
    flood();
    expect(await done).toEqual(['HTTP/2 enhanceYourCalm: the server asks for more answers than it reads']);
  });
});
