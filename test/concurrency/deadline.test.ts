import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../src/errors.js';
import { abortReason, eitherSignal, follow, startDeadline, untilAborted } from '../../src/concurrency/deadline.js';

describe('startDeadline()', () => {
  it('aborts with deadline_exceeded and says what took too long', async () => {
    const deadline = startDeadline({ timeoutMs: 5, what: 'The call to model m' });
    await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));
    expect(abortReason(deadline.signal)).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The call to model m took longer than its limit of 5 ms',
    });
    expect(deadline.remainingMs()).toBe(0);
  });

  it('asks what took too long when the time is over', async () => {
    let phase = 'at first';
    const deadline = startDeadline({ timeoutMs: 5, what: () => `The call, ${phase},` });
    phase = 'at last';
    await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));
    expect(abortReason(deadline.signal).message).toBe('The call, at last, took longer than its limit of 5 ms');
  });

  it('can be aborted before its time is over', () => {
    const deadline = startDeadline({ timeoutMs: 60_000, what: 'x' });
    const reason = new ServiceError('unavailable', 'closed');
    deadline.abort(reason);
    expect(deadline.signal.reason).toBe(reason);
    deadline.close();
  });

  it('hands on the parent’s reason', () => {
    const parent = new AbortController();
    const deadline = startDeadline({ timeoutMs: 60_000, what: 'x', parent: parent.signal });
    const reason = new ServiceError('cancelled', 'The client left');
    parent.abort(reason);
    expect(deadline.signal.reason).toBe(reason);
    deadline.close();
  });

  it('is aborted from the start under an aborted parent', () => {
    const deadline = startDeadline({ timeoutMs: 60_000, what: 'x', parent: AbortSignal.abort() });
    expect(abortReason(deadline.signal).code).toBe('cancelled');
    deadline.close();
  });

  it('does nothing more after close()', async () => {
    const parent = new AbortController();
    const deadline = startDeadline({ timeoutMs: 1, what: 'x', parent: parent.signal });
    deadline.close();
    await sleep(10);
    parent.abort();
    expect(deadline.signal.aborted).toBe(false);
  });
});

describe('follow()', () => {
  it.each([true, false])('aborts the controller with the signal, aborted before: %s', (isAbortedBefore) => {
    const parent = new AbortController();
    const controller = new AbortController();
    if (isAbortedBefore) parent.abort();
    follow(parent.signal, controller);
    parent.abort();
    expect(abortReason(controller.signal).code).toBe('cancelled');
  });

  it('lets go of the signal', () => {
    const parent = new AbortController();
    const controller = new AbortController();
    follow(parent.signal, controller)();
    parent.abort();
    expect(controller.signal.aborted).toBe(false);
  });

  it('follows nothing when there is no signal', () => {
    const controller = new AbortController();
    follow(undefined, controller)();
    expect(controller.signal.aborted).toBe(false);
  });
});

describe('eitherSignal()', () => {
  it.each([0, 1])('is aborted by the first signal that is, with its reason (%d)', (which) => {
    const controllers = [new AbortController(), new AbortController()] as const;
    const signal = eitherSignal(controllers[0].signal, controllers[1].signal);
    expect(signal.aborted).toBe(false);
    const reason = new ServiceError('cancelled', 'The client left');
    controllers[which]?.abort(reason);
    expect(signal.reason).toBe(reason);
  });

  it('is the other one where there is but one', () => {
    const { signal } = new AbortController();
    expect(eitherSignal(undefined, signal)).toBe(signal);
  });
});

describe('untilAborted()', () => {
  const { signal } = new AbortController();

  it('is what the work comes to', async () => {
    expect(await untilAborted(Promise.resolve('done'), signal)).toBe('done');
    await expect(untilAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  });

  it('ends with the signal’s reason, though the work goes on', async () => {
    const caller = new AbortController();
    const waiting = untilAborted(new Promise(() => undefined), caller.signal);
    caller.abort(new ServiceError('cancelled', 'The client left'));
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled', message: 'The client left' });
    await expect(untilAborted(Promise.resolve(), caller.signal)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
