import { contradictingScheme, type PredictorAddress, readAddress } from '../triton/address.js';

/** Where a server of the V1 protocol listens, which is HTTP on whatever port. */
export type V1Address = Omit<PredictorAddress, 'protocol'>;

/**
 * Reads the address of a server of V1: `host`, `host:port`, `http(s)://…`. Without a port it is 80, or 443 with TLS.
 * @throws ServiceError `invalid_argument` for anything else, and for a scheme of gRPC
 */
export function parseV1Address(host: string): V1Address {
  const { schemeProtocol, ...address } = readAddress(host);
  if (schemeProtocol === 'grpc-v2') throw contradictingScheme(host, schemeProtocol, 'v1');
  return address;
}
