import { describePredictor } from '../contract.js';
import { PROTOCOLS, startTriton } from './triton-setup.js';

for (const protocol of PROTOCOLS) {
  describePredictor(`Triton over ${protocol}`, async () => {
    const { fake, predictor, stop } = await startTriton(protocol);
    return {
      predictor,
      mostInFlight: () => fake.mostInFlight,
      slow: { model: 'slow', holds: fake.slow.holds, release: fake.slow.release },
      stop,
    };
  });
}
