import { describePredictor } from '../contract.js';
import { startEmbedded } from './embedded-setup.js';

describePredictor('The embedded runtime', async () => ({
  predictor: await startEmbedded(),
  stop: () => Promise.resolve(),
}));
