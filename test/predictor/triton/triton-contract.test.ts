import { FAKE_PLATFORM } from '../../helpers/fake-models.js';
import { describePredictor } from '../contract.js';
import { PROTOCOLS, startTriton } from './triton-setup.js';

for (const protocol of PROTOCOLS) {
  describePredictor(`Triton over ${protocol}`, async () => {
    const { fake, predictor, stop } = await startTriton(protocol);
    return {
      predictor,
      platform: FAKE_PLATFORM,
      mostInFlight: () => fake.mostInFlight,
      slow: { model: 'slow', holds: fake.slow.holds, release: fake.slow.release },
      stop,
    };
  });
}
