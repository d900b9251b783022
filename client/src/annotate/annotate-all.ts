import { rm, writeFile } from 'node:fs/promises';
import type { Canvas } from '../drawing/canvas.js';
import { drawErrorBanner } from '../drawing/plates.js';
import { readBytes } from '../named-input.js';
import type { InputResult } from '../send-many.js';
import { annotate, type Drawing } from './annotate.js';
import { createOutputNamer } from './output-files.js';

/** What was written, and a sentence for each picture that was not. */
export interface Annotated<Result> {
  readonly written: ReadonlyMap<Result, string>;
  readonly problems: readonly string[];
}

/** What is drawn of an answer: on its picture, and beside it where that gives anything. */
interface DrawAnswer<Answer> {
  readonly draw: (answer: Answer, canvas: Canvas) => string;
  readonly drawBeside?: ((answer: Answer, sidePx: number) => string | undefined) | undefined;
}

/**
 * Draws each result on its picture and writes it to `folder`, which is there; an error is a banner. One picture after
 * the other, so that only one is decoded at a time; what goes wrong with one is a problem and does not hold up the
 * others.
 */
export async function annotateAll<Answer, Result extends InputResult<Answer>>(
  results: readonly Result[],
  { folder, draw, drawBeside }: { folder: string } & DrawAnswer<Answer>,
): Promise<Annotated<Result>> {
  const written = new Map<Result, string>();
  const problems: string[] = [];
  const toOutputFile = createOutputNamer(folder);
  for (const result of results) {
    const { input } = result;
    const { path, format } = toOutputFile(input.name);
    try {
      const drawn = await annotate(await readBytes(input), toDrawing(result, { draw, drawBeside }), format);
      await writeAnew(path, drawn);
      written.set(result, path);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      problems.push(`${input.name}: cannot be annotated: ${reason}`);
    }
  }
  return { written, problems };
}

function toDrawing<Answer>(result: InputResult<Answer>, { draw, drawBeside }: DrawAnswer<Answer>): Drawing {
  const { answer, error } = result;
  if (error !== undefined) return { draw: (canvas) => drawErrorBanner(error, canvas) };
  // Asked once without a size, to see whether there is anything.
  const hasMore = drawBeside?.(answer, 0) !== undefined;
  return {
    draw: (canvas) => draw(answer, canvas),
    drawBeside: hasMore ? (sidePx) => drawBeside(answer, sidePx) ?? '' : undefined,
  };
}

/** Writes a new file: a link that lies there under that name is replaced, never written through. */
async function writeAnew(path: string, bytes: Uint8Array): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, bytes, { flag: 'wx' });
}
