import { describeRealTriton } from './triton-suite.js';

describeRealTriton('grpc');
