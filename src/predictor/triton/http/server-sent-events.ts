import { answerTooLarge, wentAway } from '../upstream-error.js';

/** The ends of lines that the format knows. */
const LINE_END = /\r\n|\r|\n/;

/** What bounds the reading of events. */
export interface EventOptions {
  /** The longest event, and the longest line, in UTF-16 code units. */
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
  read(text: string): string[];
  end(): void;
}

function createEventReader({ maxLength, subject }: EventOptions): EventReader {
  /** The lines of the event's data so far. */
  let data: string[] = [];
  /** The parts of a line that has not ended. */
  let line: string[] = [];
  let length = 0;
  let isAfterReturn = false;

  const keep = (list: string[], part: string) => {
    length += part.length;
    if (length > maxLength)
      throw answerTooLarge(subject, new RangeError(`an event of more than ${maxLength} characters`));
    list.push(part);
  };

  const endEvent = (): string[] => {
    const ended = data.length === 0 ? [] : [data.join('\n')];
    data = [];
    length = 0;
    return ended;
  };

  const endLine = (rest: string): string[] => {
    keep(line, rest);
    const whole = line.join('');
    line = [];
    if (whole === '') return endEvent();
    length -= whole.length;
    const [, value] = /^data(?:: ?(.*))?$/s.exec(whole) ?? [];
    if (whole === 'data' || value !== undefined) keep(data, value ?? '');
    return [];
  };

  return {
    read: (text) => {
      if (text === '') return [];
      // CR and LF are one end also where the text was cut between them.
      const rest = isAfterReturn && text.startsWith('\n') ? text.slice(1) : text;
      isAfterReturn = text.endsWith('\r');
      const lines = rest.split(LINE_END);
      const unfinished = lines.pop() ?? '';
      const events = lines.flatMap(endLine);
      if (unfinished !== '') keep(line, unfinished);
      return events;
    },
    end: () => {
      if (line.length > 0 || data.length > 0) throw wentAway(new Error('the stream ended within an event'), true);
    },
  };
}
