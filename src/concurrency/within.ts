/**
 * What the work comes to, if that is within a time; else what `onTimeOver` gives, or throws. The work itself goes on.
 * @param timeMs at most 2^31 - 1
 */
export async function within<T, U>(timeMs: number, work: Promise<T>, onTimeOver: () => U): Promise<T | U> {
  let timer: NodeJS.Timeout | undefined;
  const timeOver = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeMs);
  }).then(onTimeOver);
  try {
    return await Promise.race([work, timeOver]);
  } finally {
    clearTimeout(timer);
  }
}
