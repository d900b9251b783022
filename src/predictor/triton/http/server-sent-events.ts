import { answerTooLarge, wentAway } from '../upstream-error.js';

/** The ends of lines that the format knows. */
const LINE_END = /\r\n|\r|\n/;

/** What bounds the reading of events. */
export interface EventOptions {
  /** The longest event, its unfinished line included, in UTF-16 code units. */
  readonly maxLength: number;
  /** What was asked, for messages: `model llama`. */
  readonly subject: string;
}

/**
 * Reads the data of each event of an event stream (WHATWG HTML, 9.2.6), however its bytes are cut. Types, ids and
 * retry times, which a stream that is not taken up again has no use for, are passed over.
 * @throws ServiceError `upstream_error` for an event over the limit; `unavailable` when the stream ends within an event,
 *   where a browser drops what there is of it
 */
export async function* readEvents(pieces: AsyncIterable<Uint8Array>, options: EventOptions): AsyncGenerator<string> {
  // Drops a byte order mark, and keeps an unfinished character for the next piece.
  const decoder = new TextDecoder();
  const events = createEventReader(options);
  for await (const piece of pieces) yield* events.read(decoder.decode(piece, { stream: true }));
  yield* events.read(decoder.decode());
  events.end();
}

interface EventReader {
  /** The data of the events that end within this text. */
  read(text: string): Iterable<string>;
  end(): void;
}

function createEventReader({ maxLength, subject }: EventOptions): EventReader {
  /** The lines of the event's data so far. */
  let data: string | undefined;
  /** What there is of a line that has not ended. */
  let line = '';
  let isAfterReturn = false;

  const extendLine = (part: string) => {
    line += part;
    const length = line.length + (data?.length ?? 0);
    if (length > maxLength) throw answerTooLarge(subject, new RangeError(`an event of ${length} characters`));
  };

  const endLine = (): string[] => {
    const ended = line;
    line = '';
    if (ended === '') return endEvent();
    const value = dataOf(ended);
    if (value !== undefined) data = data === undefined ? value : `${data}\n${value}`;
    return [];
  };

  const endEvent = (): string[] => {
    const ended = data;
    data = undefined;
    return ended === undefined ? [] : [ended];
  };

  return {
    *read(text) {
      if (text === '') return;
      // CR and LF are one end also where the text was cut between them.
      const rest = isAfterReturn && text.startsWith('\n') ? text.slice(1) : text;
      isAfterReturn = text.endsWith('\r');
      const parts = rest.split(LINE_END);
      for (const [index, part] of parts.entries()) {
        extendLine(part);
        if (index < parts.length - 1) yield* endLine();
      }
    },
    end: () => {
      if (line !== '' || data !== undefined) throw wentAway(new Error('the stream ended within an event'), true);
    },
  };
}

/** The value of a line `data: value`; undefined for comments and other fields. */
function dataOf(line: string): string | undefined {
  if (line === 'data') return '';
  if (!line.startsWith('data:')) return undefined;
  return line.slice(line.startsWith('data: ') ? 'data: '.length : 'data:'.length);
}
