import { runPython } from '../run-python.js';

/** How a client told its user of an error. */
export interface Failure {
  /** The name of the exception. */
  readonly type: string;
  /** As the client gives it: `'404'`, `StatusCode.NOT_FOUND`, 404. */
  readonly status: unknown;
  readonly message: string;
}

/** What came of each scenario that a script of this folder tried. */
export interface Outcomes {
  /** @throws Error when it ended with an exception */
  valueOf(scenario: string): unknown;
  /** @throws Error when it ended well */
  failureOf(scenario: string): Failure;
}

type Outcome = { readonly value: unknown } | { readonly error: Failure };

/** Runs one of the scripts with the official clients. */
export async function runScenarios(script: string, job: unknown): Promise<Outcomes> {
  const outcomes = (await runPython(`serving/${script}`, job, 'clients')) as Readonly<Record<string, Outcome>>;
  const outcomeOf = (scenario: string): Outcome => {
    const outcome = outcomes[scenario];
    if (outcome === undefined) throw new Error(`${script} has no scenario ${scenario}`);
    return outcome;
  };
  return {
    valueOf: (scenario) => {
      const outcome = outcomeOf(scenario);
      if ('value' in outcome) return outcome.value;
      throw new Error(`${scenario} failed: ${JSON.stringify(outcome.error)}`);
    },
    failureOf: (scenario) => {
      const outcome = outcomeOf(scenario);
      if ('error' in outcome) return outcome.error;
      throw new Error(`${scenario} ended well: ${JSON.stringify(outcome.value)}`);
    },
  };
}
