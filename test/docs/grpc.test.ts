import { readFileSync } from 'node:fs';
import { errorAnswer, type ErrorCode, grpcStatusName, ServiceError } from '../../src/errors.js';

const document = readFileSync('docs/grpc.md', 'utf8');
const proto = readFileSync('protos/grpc_service.proto', 'utf8');

const statusOf = (code: ErrorCode) => grpcStatusName(errorAnswer(new ServiceError(code, ''), '').grpcStatus);

describe('docs/grpc.md', () => {
  it('names rpcs that the proto has', () => {
    const rpcs = [...document.matchAll(/^\| `([A-Z]\w+)`/gm)].map(([, rpc = '']) => rpc);
    expect(rpcs).toHaveLength(10);
    expect(rpcs.filter((rpc) => !proto.includes(`rpc ${rpc}(`))).toEqual([]);
  });

  it('gives each error code its status', () => {
    const rows = [...document.matchAll(/^\| `([a-z_]+)` +\| ([A-Z_]+)/gm)];
    expect(rows).toHaveLength(16);
    for (const [, code, status] of rows) expect([code, statusOf(code as ErrorCode)]).toEqual([code, status]);
  });
});
