import { Metadata } from '@grpc/grpc-js';
import { headersOf, remainingMs, setAnswerMetadata } from '../../../src/server/grpc/call-metadata.js';
import { statusMessage } from '../../../src/server/grpc/call-status.js';

describe('headersOf()', () => {
  it('gives a text as it is, several of one name as a list, and bytes not at all', () => {
    const metadata = new Metadata();
    metadata.set('X-Request-Id', 'r-1');
    metadata.add('accept', 'a');
    metadata.add('accept', 'b');
    metadata.set('key-bin', Buffer.of(1));
    expect(headersOf(metadata)).toEqual({ 'x-request-id': 'r-1', accept: ['a', 'b'] });
  });
});

describe('setAnswerMetadata()', () => {
  it('leaves out what metadata cannot hold, and keeps its own request id', () => {
    const metadata = new Metadata();
    const answerHeaders = new Map([
      ['x-model-load', '0.5'],
      ['x-model-note', 'Grüße'],
      ['x-model-key-bin', 'AA=='],
      ['x model', 'no'],
      ['x-request-id', 'the predictor’s'],
    ]);
    setAnswerMetadata(metadata, { requestId: 'r-1', answerHeaders });
    expect(metadata.getMap()).toEqual({ 'x-model-load': '0.5', 'x-request-id': 'r-1' });
  });
});

describe('remainingMs()', () => {
  it('is what is left until the deadline, and nothing where there is none', () => {
    expect(remainingMs(Date.now() + 60_000)).toBeGreaterThan(59_000);
    expect(remainingMs(new Date(Date.now() + 60_000))).toBeLessThanOrEqual(60_000);
    expect(remainingMs(Date.now() - 1)).toBe(0);
    expect(remainingMs(Infinity)).toBeUndefined();
  });
});

describe('statusMessage()', () => {
  it.each([
    ['plain', 'plain'],
    ['Grüße, 世界', 'Grüße, 世界'],
    ['half \ud83d', 'half \ufffd'],
    [`${'x'.repeat(799)}😀`, `${'x'.repeat(799)}\ufffd…`],
  ])('keeps or mends %j', (details, message) => {
    expect(statusMessage(details)).toBe(message);
    expect(() => encodeURI(statusMessage(details))).not.toThrow();
  });
});
