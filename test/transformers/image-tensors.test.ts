import { IMAGE_INPUT, imageTensors } from '../../src/transformers/image-tensors.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]);
const bytes = (...data: readonly Uint8Array[]): AnyTensor => ({ datatype: 'BYTES', shape: [data.length], data });
const itemsOf = (inputs: Readonly<Record<string, AnyTensor>>) =>
  imageTensors().toItems(new Map(Object.entries(inputs)));

describe('imageTensors()', () => {
  it('takes the input image, and answers what it is told besides', () => {
    expect(imageTensors()).toMatchObject({ inputs: [IMAGE_INPUT], outputs: [] });
    expect(imageTensors().toOutputs([])).toEqual(new Map());
    const outputs = [{ name: 'score', datatype: 'FP32', shape: [-1] }] as const;
    const toOutputs = () => new Map([['score', float32Tensor([0], new Float32Array(0))]]);
    expect(imageTensors({ outputs, toOutputs })).toMatchObject({ inputs: [IMAGE_INPUT], outputs, toOutputs });
  });

  it('gives each element as an item, at its place', () => {
    expect(itemsOf({ image: bytes(JPEG, Buffer.alloc(0)) })).toEqual([
      { path: 'inputs[0].data[0]', value: JPEG },
      { path: 'inputs[0].data[1]', value: Buffer.alloc(0) },
    ]);
  });

  it.each([
    ['base64', '/9j/4AAQSkZJRg=='],
    ['a data URL', 'data:image/png;base64,iVBORw0KGgo='],
    ['what Python prints of bytes', "b'/9j/4AAQ'"],
    ['base64 in lines', '/9j/\r\n4AAQ\n'],
    ['a URL', 'https://example.com/a.jpg'],
  ])('takes %s for text', (_, text) => {
    const whole = Buffer.from(`xx${text}xx`);
    const [item] = itemsOf({ image: bytes(whole.subarray(2, -2)) });
    expect(item?.value).toBe(text);
  });

  it.each([
    ['JPEG', JPEG],
    ['PNG', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
    ['GIF', Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1')],
    ['WebP', Buffer.from('RIFF\x10\x00\x00\x00WEBPVP8 ', 'latin1')],
    ['BMP', Buffer.from('BM\x36\x00\x00\x00', 'latin1')],
    ['nothing', Buffer.alloc(0)],
  ])('takes %s for bytes', (_, data) => {
    expect(itemsOf({ image: bytes(data) })[0]?.value).toBe(data);
  });

  it('looks at the beginning of an element alone', () => {
    const text = 'A'.repeat(64);
    expect(itemsOf({ image: bytes(Buffer.from(`${text}\0`)) })[0]?.value).toBe(`${text}\0`);
    const binary = Buffer.from(`${text.slice(1)}\0`);
    expect(itemsOf({ image: bytes(binary) })[0]?.value).toBe(binary);
  });

  it('takes a tensor of any shape, and one input of any name', () => {
    const square: AnyTensor = { datatype: 'BYTES', shape: [1, 2], data: [JPEG, JPEG] };
    expect(itemsOf({ 'input-0': square })).toEqual([
      { path: 'inputs[0].data[0]', value: JPEG },
      { path: 'inputs[0].data[1]', value: JPEG },
    ]);
    expect(itemsOf({ image: bytes() })).toEqual([]);
  });

  it.each([
    ['no input', {}, 'received the inputs: '],
    ['another datatype', { image: float32Tensor([1], Float32Array.of(1)) }, 'received "image" of datatype FP32'],
    ['two inputs of other names', { a: bytes(JPEG), b: bytes(JPEG) }, 'received the inputs: a, b'],
    ['an input beside it', { b: bytes(JPEG), image: bytes(JPEG) }, 'received the input "b" beside it'],
    [
      'a long name',
      { ['n'.repeat(500)]: bytes(), image: bytes() },
      `received the input "${'n'.repeat(80)}…" beside it`,
    ],
  ])('refuses %s', (_, inputs, received) => {
    const { code, message } = serviceErrorThrownBy(() => itemsOf(inputs));
    expect(code).toBe('invalid_argument');
    expect(message).toBe(`inputs: expected one BYTES tensor "image", a picture an element; ${received}`);
  });
});
