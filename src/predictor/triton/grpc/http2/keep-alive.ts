import type { KeepAliveOptions } from '../../connect-options.js';
import type { Http2Session } from './session.js';

/** As Triton's own clients have it. */
const PING_TIMEOUT_MS = 20_000;

/**
 * Asks a connection that was silent for a while whether it is still there, and ends one that does not answer.
 * @param bytesRead how much has come over it so far
 * @returns what stops it
 */
export function keepAlive(session: Http2Session, options: KeepAliveOptions, bytesRead: () => number): () => void {
  const { timeMs, timeoutMs = PING_TIMEOUT_MS, isWithoutCalls = false } = options;
  let heardBytes = 0;
  let limit: NodeJS.Timeout | undefined;
  const timer = setInterval(() => {
    const isSilent = bytesRead() === heardBytes;
    heardBytes = bytesRead();
    if (!isSilent || limit !== undefined || (!session.isBusy && !isWithoutCalls)) return;
    const onSilence = () => session.end(new Error(`no answer to a ping within ${timeoutMs} ms`));
    limit = setTimeout(onSilence, timeoutMs).unref();
    session.ping(() => {
      clearTimeout(limit);
      limit = undefined;
    });
  }, timeMs).unref();
  return () => {
    clearInterval(timer);
    clearTimeout(limit);
  };
}
