export { setHuffmanTable } from './huffman';
export { begin, maxRows, nextRows, setComponent, setQuantizationTable } from './picture';
