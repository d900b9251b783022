/** The npm that runs this process, else the one on the PATH. */
export function npmCommand(env?: NodeJS.ProcessEnv): { readonly command: string; readonly args: readonly string[] };
