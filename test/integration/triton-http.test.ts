import { describeRealTriton } from './triton-suite.js';

describeRealTriton('http');
