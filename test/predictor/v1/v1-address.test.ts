import { parseV1Address } from '../../../src/predictor/v1/v1-address.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

describe('parseV1Address()', () => {
  it.each([
    ['sklearn', { tls: false, host: 'sklearn', port: 80 }],
    ['sklearn:8080', { tls: false, host: 'sklearn', port: 8080 }],
    // Ports that mean gRPC where V1 is not asked for.
    ['sklearn:8001', { tls: false, host: 'sklearn', port: 8001 }],
    ['http://sklearn:9000', { tls: false, host: 'sklearn', port: 9000 }],
    ['https://sklearn', { tls: true, host: 'sklearn', port: 443 }],
    ['[::1]:8080', { tls: false, host: '[::1]', port: 8080 }],
  ])('reads %s', (host, address) => {
    expect(parseV1Address(host)).toEqual(address);
  });

  it.each([
    ['grpc://sklearn', 'its scheme means the protocol grpc-v2, but v1 is asked for'],
    ['grpcs://sklearn:8001', 'its scheme means the protocol grpc-v2, but v1 is asked for'],
    ['http://sklearn/v1', 'a path is not supported, only host and port'],
    ['ftp://sklearn', 'the scheme must be one of http, https, grpc, grpcs'],
  ])('refuses %s', (host, reason) => {
    const error = serviceErrorThrownBy(() => parseV1Address(host));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(reason);
  });
});
