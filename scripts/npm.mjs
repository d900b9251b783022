/**
 * The npm that runs this script, else the one on the PATH.
 * @param {NodeJS.ProcessEnv} env where npm says which script it is
 * @returns {{ command: string, args: string[] }} to be followed by npm's own arguments
 */
export function npmCommand(env = process.env) {
  const script = env['npm_execpath'];
  return script !== undefined && /npm-cli\.c?js$/.test(script)
    ? { command: process.execPath, args: [script] }
    : { command: 'npm', args: [] };
}
