/** A place where calls wait until they are let go. */
export interface WaitingRoom {
  readonly enter: () => Promise<void>;
  /** Resolves when that many wait. */
  readonly holds: (count: number) => Promise<void>;
  /** Lets all that wait go. */
  readonly release: () => void;
}

export function createWaitingRoom(): WaitingRoom {
  let waiting: (() => void)[] = [];
  let watchers: { count: number; resolve: () => void }[] = [];
  const notify = () => {
    watchers.filter(({ count }) => waiting.length >= count).forEach(({ resolve }) => resolve());
    watchers = watchers.filter(({ count }) => waiting.length < count);
  };
  return {
    enter: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        notify();
      }),
    holds: (count) =>
      new Promise((resolve) => {
        watchers.push({ count, resolve });
        notify();
      }),
    release: () => {
      waiting.forEach((go) => go());
      waiting = [];
    },
  };
}
