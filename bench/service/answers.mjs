import { ask, classesOf, requestOf } from './requests.mjs';
import { SERVERS } from './servers.mjs';

/**
 * The classes that each server names for each body. A peer that does not answer is left out from then on.
 * @param {Map<string, { port: number }>} servers those left out are deleted
 * @returns {Promise<Record<string, Record<string, string>>>} classes by body, and server and kind of body
 * @throws Error when ours does not answer, or when the answers of full decodes differ
 */
export async function compareAnswers(servers, { bodies, folder, log }) {
  const answers = {};
  for (const body of bodies) {
    answers[body] = {};
    for (const [name, { port }] of servers) {
      try {
        for (const kind of SERVERS[name].kinds) {
          answers[body][`${name} ${kind}`] = await classesFrom(port, await requestOf(kind, body, folder));
        }
      } catch (error) {
        if (name.startsWith('ours')) throw new Error(`${name}, ${body}: ${error.message}`, { cause: error });
        log(`SKIPPED ${name}: asked for ${body}, ${error.message}`);
        servers.delete(name);
      }
    }
    const exact = Object.entries(answers[body]).filter(([key]) => SERVERS[key.split(' ')[0]].pixels === 'exact');
    if (new Set(exact.map(([, classes]) => classes)).size > 1) {
      throw new Error(`the answers to ${body} differ: ${JSON.stringify(Object.fromEntries(exact))}`);
    }
  }
  return answers;
}

async function classesFrom(port, request) {
  const answer = await ask(port, request);
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}: ${answer.bytes.toString('utf8', 0, 300)}`);
  return classesOf(answer).join(' ');
}
