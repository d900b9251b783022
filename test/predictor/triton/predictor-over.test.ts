import { ServiceError } from '../../../src/errors.js';
import type { ModelInfo } from '../../../src/predictor/predictor.js';
import { createPredictorOver } from '../../../src/predictor/triton/predictor-over.js';
import type { PredictorTransport, TransportCall } from '../../../src/predictor/triton/transport.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { recordingLogger } from './triton-setup.js';

const FACES: ModelInfo = { name: 'faces', inputs: [], outputs: [], maxBatchSize: 8 };

/** A predictor whose models' metadata are answered by a function, once the gate is open; and who asked. */
function predictorOver(answer: (call: TransportCall) => ModelInfo) {
  const askers: (string | undefined)[] = [];
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const transport: PredictorTransport = {
    address: 'nowhere',
    infer: () => Promise.reject(new Error('no inference here')),
    modelInfo: async (_, call) => {
      askers.push(call.headers['authorization']);
      await opened;
      return answer(call);
    },
    isModelReady: () => Promise.resolve(true),
    isServerReady: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  };
  const { logger } = recordingLogger();
  const predictor = createPredictorOver(transport, { concurrency: 4, requestTimeoutMs: 20_000, logger });
  const ask = (authorization: string, signal = new AbortController().signal) =>
    predictor.modelInfo('faces', { headers: { authorization }, signal });
  return { ask, askers, open: () => open() };
}

const forGood = ({ headers }: TransportCall): ModelInfo => {
  if (headers['authorization'] === 'good') return FACES;
  throw new ServiceError('upstream_error', 'The predictor answered with an error for model faces: HTTP status 403');
};

describe('createPredictorOver()', () => {
  describe('modelInfo()', () => {
    it("fails one caller by its own headers, and not those who wait for that caller's answer", async () => {
      const { ask, askers, open } = predictorOver(forGood);
      const bad = serviceErrorOf(ask('bad'));
      const others = Promise.all([ask('good'), ask('good')]);
      const worse = serviceErrorOf(ask('worse'));
      open();
      expect((await bad).code).toBe('upstream_error');
      expect(await others).toEqual([FACES, FACES]);
      expect((await worse).code).toBe('upstream_error');
      expect(askers).toEqual(['bad', 'good', 'good', 'worse']);
    });

    it('keeps what a caller got that asked by itself', async () => {
      const { ask, askers, open } = predictorOver(forGood);
      const bad = serviceErrorOf(ask('bad'));
      const good = ask('good');
      open();
      await Promise.all([bad, good]);
      expect(await ask('good')).toBe(FACES);
      expect(askers).toEqual(['bad', 'good']);
    });

    it.each(['unavailable', 'deadline_exceeded'] as const)(
      'fails all who wait when the predictor is %s',
      async (code) => {
        const { ask, askers, open } = predictorOver(() => {
          throw new ServiceError(code, 'not now');
        });
        const errors = Promise.all(['a', 'b', 'c'].map((name) => serviceErrorOf(ask(name))));
        open();
        expect((await errors).map((error) => error.code)).toEqual([code, code, code]);
        expect(askers).toEqual(['a']);
      },
    );

    it('does not ask for a caller that has left meanwhile', async () => {
      const { ask, askers, open } = predictorOver(forGood);
      const controller = new AbortController();
      const bad = serviceErrorOf(ask('bad'));
      const left = serviceErrorOf(ask('good', controller.signal));
      controller.abort();
      open();
      expect((await bad).code).toBe('upstream_error');
      expect((await left).code).toBe('cancelled');
      expect(askers).toEqual(['bad']);
    });
  });
});
