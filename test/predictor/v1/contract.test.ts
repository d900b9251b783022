import { describePredictor } from '../contract.js';
import { startV1 } from './v1-setup.js';

describePredictor('A server of V1', async () => {
  const { fake, predictor, stop } = await startV1();
  return {
    predictor,
    platform: undefined,
    mostInFlight: () => fake.mostInFlight,
    slow: { model: 'slow', holds: fake.slow.holds, release: fake.slow.release },
    stop,
  };
});
