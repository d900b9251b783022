import { formatPredictorAddress, parsePredictorAddress } from '../../../src/predictor/triton/address.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

describe('parsePredictorAddress()', () => {
  it.each([
    ['triton', undefined, { protocol: 'v2', tls: false, host: 'triton', port: 80 }],
    ['triton', 'grpc-v2', { protocol: 'grpc-v2', tls: false, host: 'triton', port: 80 }],
    [
      'faces.default.svc.cluster.local',
      undefined,
      { protocol: 'v2', tls: false, host: 'faces.default.svc.cluster.local', port: 80 },
    ],
    ['triton:8000', undefined, { protocol: 'v2', tls: false, host: 'triton', port: 8000 }],
    ['triton:8001', undefined, { protocol: 'grpc-v2', tls: false, host: 'triton', port: 8001 }],
    ['triton:9000', undefined, { protocol: 'grpc-v2', tls: false, host: 'triton', port: 9000 }],
    ['triton:8001', 'v2', { protocol: 'v2', tls: false, host: 'triton', port: 8001 }],
    ['10.0.0.7:8000', undefined, { protocol: 'v2', tls: false, host: '10.0.0.7', port: 8000 }],
    ['http://triton:8001', undefined, { protocol: 'v2', tls: false, host: 'triton', port: 8001 }],
    ['http://triton/', undefined, { protocol: 'v2', tls: false, host: 'triton', port: 80 }],
    ['HTTPS://triton', undefined, { protocol: 'v2', tls: true, host: 'triton', port: 443 }],
    ['grpc://triton:8000', undefined, { protocol: 'grpc-v2', tls: false, host: 'triton', port: 8000 }],
    ['grpc://triton', undefined, { protocol: 'grpc-v2', tls: false, host: 'triton', port: 80 }],
    ['grpcs://triton', 'grpc-v2', { protocol: 'grpc-v2', tls: true, host: 'triton', port: 443 }],
    ['[::1]:8001', undefined, { protocol: 'grpc-v2', tls: false, host: '[::1]', port: 8001 }],
    ['http://[fe80::1]', undefined, { protocol: 'v2', tls: false, host: '[fe80::1]', port: 80 }],
  ] as const)('reads %s with protocol %s', (host, protocol, address) => {
    expect(parsePredictorAddress(host, protocol)).toEqual(address);
  });

  it.each([
    ['', undefined, 'received "": it is not of this form'],
    ['two words', undefined, 'received "two words": it is not of this form'],
    ['user@triton', undefined, 'received "…@triton": a name and a password do not belong in it'],
    ['triton:', undefined, 'it is not of this form'],
    ['triton:http', undefined, 'it is not of this form'],
    ['triton:0', undefined, 'the port must be from 1 to 65535'],
    ['triton:65536', undefined, 'the port must be from 1 to 65535'],
    ['::1:8001', undefined, 'an IPv6 address needs brackets, as [::1]:8001'],
    ['http://triton/prefix', undefined, 'a path is not supported, only host and port'],
    ['triton/prefix', undefined, 'a path is not supported, only host and port'],
    ['ftp://triton', undefined, 'the scheme must be one of http, https, grpc, grpcs'],
    ['grpc://triton', 'v2', 'its scheme means the protocol grpc-v2, but v2 is asked for'],
    ['http://triton:8001', 'grpc-v2', 'its scheme means the protocol v2, but grpc-v2 is asked for'],
    ['x'.repeat(100) + ' ', undefined, `received "${'x'.repeat(80)}…"`],
  ] as const)('refuses %j with protocol %s', (host, protocol, reason) => {
    const error = serviceErrorThrownBy(() => parsePredictorAddress(host, protocol));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(reason);
  });

  it.each([
    ['user:s3cret@triton:8000', '…@triton:8000'],
    ['https://user:s3cret@triton', 'https://…@triton'],
    ['https://user:s3/cret@triton', 'https://…@triton'],
    ['https://user:s3@cret@triton', 'https://…@triton'],
    ['user:s3\ncret@triton', '…@triton'],
  ])('shows nothing of the password of %j', (host, shown) => {
    const error = serviceErrorThrownBy(() => parsePredictorAddress(host));
    expect(error.message).toContain(`received "${shown}"`);
    expect(error.message).not.toMatch(/user|s3|cret/);
  });
});

describe('formatPredictorAddress()', () => {
  it.each(['http://triton:8000', 'https://triton:443', 'grpc://[::1]:8001', 'grpcs://triton:443'])(
    'writes %s',
    (url) => {
      expect(formatPredictorAddress(parsePredictorAddress(url))).toBe(url);
    },
  );
});
