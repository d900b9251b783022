import type { ExtraInfo } from 'common-data-type';
import type * as z from 'zod';
import type { Canvas } from '../drawing/canvas.js';
import type { InputKind } from '../input-kinds.js';
import type { InputResult, Outcome } from '../send-many.js';

/** What a service said of one input. */
export interface Answered<Prediction, Explanation = unknown> {
  readonly prediction: Prediction;
  /** There only where it was asked for. */
  readonly explanation?: Explanation;
}

/** What became of one input. */
export type ServiceResult<Prediction, Explanation = unknown> = InputResult<Answered<Prediction, Explanation>>;

/** What a service finds in its inputs, for the summary. */
interface Finds<Prediction> {
  readonly one: string;
  readonly many: string;
  readonly count: (prediction: Prediction) => number;
}

/** A service of its own form: how its inputs are sent, and what a document of its answers calls them. */
interface OwnRequests<Prediction> {
  readonly listName: string;
  readonly answerName: string;
  /** Whether `extra_info` goes along with its requests. */
  readonly takesExtraInfo: boolean;
  /** How a message calls inputs that were not answered: `not scored`. */
  readonly notAnswered: string;
  /** @throws ClientError when the call fails as a whole */
  readonly send: (
    call: (body: unknown) => Promise<unknown>,
    inputs: readonly Uint8Array[],
    options: { readonly isSingle: boolean; readonly extraInfo: ExtraInfo | undefined },
  ) => Promise<readonly Outcome<Prediction>[]>;
}

/** How the command treats one service: what it sends, how it shows the answers. A new one is a folder and a line. */
export interface Service<Prediction, Explanation = unknown> {
  /** What is shown of an answer, for --help: a line. */
  readonly shows: string;
  /** The kinds of files that it takes; the first is that of standard input. */
  readonly takes: readonly [InputKind, ...InputKind[]];
  /** What an entry of `predictions` must be. It may transform nothing: answers are shown as they came. */
  readonly prediction: z.ZodType<Prediction>;
  /** What an entry of `explanations` must be; absent where the service explains nothing. */
  readonly explanation?: z.ZodType<Explanation>;
  readonly finds?: Finds<Prediction>;
  /** Absent where it takes V1's `instances`, as all do but one. */
  readonly requests?: OwnRequests<Prediction>;
  /** All results, those with an error among them, as text for people: without a line's end after the last line. */
  readonly print: (results: readonly ServiceResult<Prediction, Explanation>[]) => string;
  /** What is drawn on a picture, as elements of SVG; absent where inputs are no pictures. */
  readonly draw?: (answered: Answered<Prediction, Explanation>, canvas: Canvas) => string;
  /** The same for a square beside the picture; absent, and undefined of an answer, where there is nothing to draw. */
  readonly drawBeside?: (answered: Answered<Prediction, Explanation>, sidePx: number) => string | undefined;
}

/** A service of any kind, for those who only hand its own answers back to it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers meet only the service that checked them
export type AnyService = Service<any, any>;
