import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { AnswerReceiver, Http2Exchange, Http2Request } from './exchange.js';
import { createReceiveWindow } from './flow-window.js';
import { assertLength, assertOfConnection, badGreeting, misplaced, wrongLength } from './frame-checks.js';
import { createFrameReader } from './frame-reader.js';
import {
  DEFAULT_FRAME_BYTES,
  DEFAULT_WINDOW_BYTES,
  FLAG,
  FRAME,
  type FrameHead,
  GO_AWAY_BYTES,
  goAwayFrame,
  MAX_31_BITS,
  PING_BYTES,
  pingFrame,
  PREFACE,
  SETTING,
  settingsAckFrame,
  settingsFrame,
  windowUpdateFrame,
  WORD_BYTES,
} from './frames.js';
import { createHeaderBlocks } from './header-blocks.js';
import { createHpackDecoder } from './hpack-decoder.js';
import type { RequestHeaders } from './hpack-encoder.js';
import { Http2Fault } from './http2-fault.js';
import { INITIAL_SETTINGS, readSettings } from './peer-settings.js';
import { createSocketWriter, type SocketWriter } from './socket-writer.js';
import { createStreams, type Http2Streams } from './streams.js';

/** HTTP/2 starts with windows of 64 KiB, which make answers of megabytes wait for a round trip each. */
const WINDOW_BYTES = 8 * 1024 * 1024;

/** The most that the headers of one answer may take. */
const MAX_HEADER_BYTES = 64 * 1024;

/** How much of the bodies is handed to the system at once. */
const SEND_BYTES = 1024 * 1024;

/** The answers to pings and settings that may wait for a server that does not read; an honest one asks for few. */
const MAX_OWED_ANSWERS = 1000;

const OUR_PING = Buffer.alloc(PING_BYTES);

/** Whom the session tells of itself. */
export interface SessionEvents {
  /** The server has sent its settings, which is how it shows that it speaks HTTP/2. */
  onReady(): void;
  /** No further requests are taken; called once. */
  onRetired(): void;
}

/** The client's side of one HTTP/2 connection (RFC 9113), for requests with one message each way. */
export interface Http2Session {
  /** Whether it takes further requests. */
  readonly isUsable: boolean;
  /** Whether requests are under way. */
  readonly isBusy: boolean;
  /** Only while it is usable. */
  request(request: Http2Request, receiver: AnswerReceiver): Http2Exchange;
  /** Takes bytes of the server's. */
  read(bytes: Buffer): void;
  /** Asks the server for a sign of life. */
  ping(onAnswer: () => void): void;
  /** Takes no further requests, and ends the connection when those under way have ended. */
  retire(): void;
  /** Ends the connection at once; its requests break by the cause. */
  end(cause: Error): void;
}

/**
 * Greets the server. The process is kept alive while requests are under way.
 * @param socket connected; what comes out of it is handed to `read`, and its end to `end`
 * @param headers of every request, the pseudo headers first, without `:path`
 */
export function startHttp2Session(socket: Socket, headers: RequestHeaders, events: SessionEvents): Http2Session {
  return new Session(socket, headers, events);
}

class Session implements Http2Session {
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  readonly #writer: SocketWriter;
  readonly #streams: Http2Streams;
  readonly #reader = createFrameReader(this, DEFAULT_FRAME_BYTES);
  readonly #blocks = createHeaderBlocks(createHpackDecoder(MAX_HEADER_BYTES), MAX_HEADER_BYTES);
  readonly #window = createReceiveWindow(WINDOW_BYTES);
  #settings = INITIAL_SETTINGS;
  #isReady = false;
  #isRetired = false;
  #isEnded = false;
  #owedAnswers = 0;
  #onPong: (() => void) | undefined;

  constructor(socket: Socket, headers: RequestHeaders, events: SessionEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#writer = createSocketWriter(socket, () => this.#streams.send(SEND_BYTES));
    const onIdle = () => this.#onIdle();
    this.#streams = createStreams({ headers, windowBytes: WINDOW_BYTES, writer: this.#writer, onIdle });
    this.#greet();
  }

  get isUsable(): boolean {
    return !this.#isRetired;
  }

  get isBusy(): boolean {
    return this.#streams.count > 0;
  }

  request(request: Http2Request, receiver: AnswerReceiver): Http2Exchange {
    if (!this.isBusy) this.#socket.ref();
    const exchange = this.#streams.open(request, receiver);
    if (!this.#streams.hasNumbers) this.retire();
    return exchange;
  }

  read(bytes: Buffer): void {
    try {
      if (!this.#isEnded) this.#reader.read(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  ping(onAnswer: () => void): void {
    this.#onPong = onAnswer;
    this.#writer.write(pingFrame(OUR_PING, false));
  }

  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#events.onRetired();
    if (!this.isBusy) this.#onIdle();
  }

  end(cause: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.retire();
    this.#socket.destroy(cause);
    this.#streams.breakAbove(0, cause);
  }

  onFrame(head: FrameHead, content: Buffer): void {
    const { type, flags, streamId } = head;
    if (this.#isEnded) return;
    if (!this.#isReady && (type !== FRAME.settings || (flags & FLAG.ack) !== 0)) throw badGreeting();
    if (this.#blocks.isOpen && type !== FRAME.continuation) throw misplaced(type);
    switch (type) {
      case FRAME.headers:
      case FRAME.continuation:
        this.#onHeaders(head, content);
        break;
      case FRAME.rstStream:
        assertLength(head, WORD_BYTES);
        this.#streams.onReset(streamId, content.readUInt32BE());
        break;
      case FRAME.settings:
        this.#onSettings(head, content);
        break;
      case FRAME.pushPromise:
        throw misplaced(type);
      case FRAME.ping:
        this.#onPing(head, content);
        break;
      case FRAME.goAway:
        this.#onGoAway(head, content);
        break;
      case FRAME.windowUpdate:
        this.#onWindowUpdate(head, content);
        break;
      default:
      // Priorities are advice to servers, and frames that are not known mean nothing (5.3.2, 4.1).
    }
  }

  onData(streamId: number, piece: Buffer): void {
    if (this.#isEnded) return;
    if (!this.#isReady) throw badGreeting();
    if (this.#blocks.isOpen) throw misplaced(FRAME.data);
    this.#streams.onData(streamId, piece);
  }

  onDataEnd(head: FrameHead): void {
    if (this.#isEnded) return;
    if (!this.#isReady) throw badGreeting();
    if (this.#blocks.isOpen) throw misplaced(FRAME.data);
    const widening = this.#window.receive(head.length);
    if (widening > 0) this.#writer.write(windowUpdateFrame(0, widening));
    this.#streams.onDataEnd(head);
  }

  #greet(): void {
    this.#writer.write(Buffer.from(PREFACE, 'latin1'));
    this.#writer.write(
      settingsFrame([
        [SETTING.enablePush, 0],
        [SETTING.initialWindowSize, WINDOW_BYTES],
        [SETTING.maxHeaderListSize, MAX_HEADER_BYTES],
      ]),
    );
    this.#writer.write(windowUpdateFrame(0, WINDOW_BYTES - DEFAULT_WINDOW_BYTES));
  }

  #onHeaders(head: FrameHead, content: Buffer): void {
    const block = this.#blocks.add(head, content);
    if (block !== undefined) this.#streams.onHeaders(block);
  }

  #onSettings(head: FrameHead, content: Buffer): void {
    assertOfConnection(head);
    if ((head.flags & FLAG.ack) !== 0) {
      assertLength(head, 0);
      return;
    }
    this.#settings = readSettings(this.#settings, content);
    this.#answer(settingsAckFrame());
    this.#streams.onSettings(this.#settings);
    if (this.#isReady) return;
    this.#isReady = true;
    this.#socket.unref();
    this.#events.onReady();
  }

  #onPing(head: FrameHead, content: Buffer): void {
    assertOfConnection(head);
    assertLength(head, PING_BYTES);
    if ((head.flags & FLAG.ack) === 0) this.#answer(pingFrame(content, true));
    else this.#onPong?.();
  }

  #onGoAway(head: FrameHead, content: Buffer): void {
    assertOfConnection(head);
    if (head.length < GO_AWAY_BYTES) throw wrongLength(head);
    const lastStreamId = content.readUInt32BE() & MAX_31_BITS;
    const code = content.readUInt32BE(WORD_BYTES);
    this.retire();
    this.#streams.breakAbove(lastStreamId, new Error(`the server goes away, by code ${code}`));
  }

  #onWindowUpdate(head: FrameHead, content: Buffer): void {
    assertLength(head, WORD_BYTES);
    const bytes = content.readUInt32BE() & MAX_31_BITS;
    if (bytes === 0) throw new Http2Fault('protocolError', 'a window is widened by nothing');
    this.#streams.onWindowUpdate(head.streamId, bytes);
  }

  #answer(bytes: Buffer): void {
    this.#owedAnswers = this.#writer.isBlocked ? this.#owedAnswers + 1 : 0;
    if (this.#owedAnswers > MAX_OWED_ANSWERS) {
      throw new Http2Fault('enhanceYourCalm', 'the server asks for more answers than it reads');
    }
    this.#writer.write(bytes);
  }

  #onIdle(): void {
    this.#socket.unref();
    if (!this.#isRetired || this.#isEnded) return;
    this.#isEnded = true;
    this.#writer.write(goAwayFrame('noError'));
    this.#writer.flush();
    this.#socket.destroySoon();
  }

  /** Tells the server what is wrong, and ends. */
  #fail(error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    this.#writer.write(goAwayFrame(error instanceof Http2Fault ? error.code : 'cancel'));
    this.#writer.flush();
    this.end(cause);
  }
}
