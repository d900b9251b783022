import { describePredictor } from '../contract.js';
import { startEmbedded } from './embedded-setup.js';

describePredictor('The embedded runtime', async () => ({
  predictor: await startEmbedded(),
  platform: 'onnxruntime_onnx',
  stop: () => Promise.resolve(),
}));
