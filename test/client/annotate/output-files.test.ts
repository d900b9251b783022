import { createOutputNamer } from '../../../client/src/annotate/output-files.js';

describe('createOutputNamer()', () => {
  it.each([
    ['JPEG and PNG keep their names', ['a/x.jpg', 'a/y.JPEG', 'z.png'], ['x.jpg', 'y.JPEG', 'z.png']],
    ['others become PNG', ['x.webp', 'x.png', 'stdin'], ['x.webp.png', 'x.png', 'stdin.png']],
    ['the folder tells same names apart', ['a/x.jpg', 'b/x.jpg', 'c/b/x.png'], ['x.jpg', 'b-x.jpg', 'x.png']],
    [
      'a number tells the rest apart',
      ['a/x.jpg', 'b/x.jpg', 'c/b/x.jpg', 'd/b/x.jpg'],
      ['x.jpg', 'b-x.jpg', 'b-x-2.jpg', 'b-x-3.jpg'],
    ],
    ['the case of letters does not tell apart', ['a/X.JPG', 'b/x.jpg'], ['X.JPG', 'b-x.jpg']],
    [
      'control characters become _',
      ['a\u001b[2J/x\u0007\n.jpg', 'b\u009b/x__.jpg', 'a\u001b[2J/x\u0007\n.jpg'],
      ['x__.jpg', 'b_-x__.jpg', 'a_[2J-x__.jpg'],
    ],
    ['the same picture twice', ['a/x.jpg', 'a/x.jpg'], ['x.jpg', 'a-x.jpg']],
  ])('%s', (_, names, files) => {
    const toOutputFile = createOutputNamer('out');
    expect(names.map((name) => toOutputFile(name).path)).toEqual(files.map((file) => `out/${file}`));
  });

  it.each([
    ['x.jpg', 'jpeg'],
    ['x.PNG', 'png'],
    ['x.avif', 'png'],
  ])('writes %s as %s', (name, format) => {
    expect(createOutputNamer('out')(name).format).toBe(format);
  });
});
