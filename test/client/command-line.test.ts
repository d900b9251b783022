import { helpText, parseCommandLine } from '../../client/src/command-line.js';
import { SERVICE_NAMES } from '../../client/src/services/registry.js';

const problemsOf = (...args: string[]) => {
  const command = parseCommandLine(args, {});
  return command.kind === 'wrong' ? command.problems : [];
};

const jobOf = (...args: string[]) => {
  const command = parseCommandLine(args, {});
  return command.kind === 'send' ? command.job : undefined;
};

describe('parseCommandLine()', () => {
  it('fills in what is not said', () => {
    expect(parseCommandLine(['a.jpg', 'b'], {})).toEqual({
      kind: 'send',
      job: {
        paths: ['a.jpg', 'b'],
        texts: [],
        url: 'http://127.0.0.1:8080',
        model: 'facequality',
        service: 'facequality',
        batch: 16,
        concurrency: 1,
        timeoutMs: 60_000,
        headers: {},
        token: undefined,
        extraInfo: undefined,
        recursive: false,
        explain: false,
        annotateFolder: undefined,
        json: false,
        quiet: false,
      },
    });
  });

  it('takes all that is said', () => {
    const options =
      '--url https://h/p --model m --service mnist --explain --batch 1 --concurrency 4 --timeout 0.5 --token t --annotate out';
    const job = jobOf(...options.split(' '), '--recursive', '--json', '--quiet', '-');
    expect(job).toMatchObject({ url: 'https://h/p', model: 'm', batch: 1, concurrency: 4, timeoutMs: 500, token: 't' });
    expect(job).toMatchObject({ service: 'mnist', explain: true });
    expect(job).toMatchObject({ annotateFolder: 'out', recursive: true, json: true, quiet: true, paths: ['-'] });
  });

  it('takes the url from KSERVER_URL where no option says it', () => {
    const env = { KSERVER_URL: 'http://env:1' };
    expect(parseCommandLine(['a.jpg'], env)).toMatchObject({ job: { url: 'http://env:1' } });
    expect(parseCommandLine(['a.jpg', '--url=http://flag:2'], env)).toMatchObject({ job: { url: 'http://flag:2' } });
  });

  it('splits headers and others at their first mark', () => {
    const job = jobOf(
      'a.jpg',
      '--header',
      'Host: faces.example.com:80',
      '--header=x:',
      '--other',
      'k=v=w',
      '--type',
      'id',
    );
    expect(job?.headers).toEqual({ Host: 'faces.example.com:80', x: '' });
    expect(job?.extraInfo).toEqual({ type: 'id', others: [{ key: 'k', value: 'v=w' }] });
  });

  it.each([
    [['--model', 'mnist'], 'mnist', 'mnist'],
    [['--model', 'my-faces'], 'my-faces', 'my-faces'],
    [['--service', 'license_plate'], 'license_plate', 'license_plate'],
    [['--service', 'license_plate', '--model', 'gate'], 'gate', 'license_plate'],
    [['--service', 'other', '--model', 'mnist'], 'mnist', 'other'],
  ])('takes %j for the model %s of the service %s', (args, model, service) => {
    expect(jobOf('a.jpg', ...args)).toMatchObject({ model, service });
  });

  it('takes texts in place of files', () => {
    expect(jobOf('--model', 'text_classification', '--text', 'a b', '--text', 'c')).toMatchObject({
      paths: [],
      texts: ['a b', 'c'],
    });
  });

  it.each([
    ['--help', 'help'],
    ['--version', 'version'],
  ])('understands %s without a file', (option, kind) => {
    expect(parseCommandLine([option], {})).toEqual({ kind });
  });

  it.each([
    [['--batch', '0'], '--batch: expected a whole number from 1 to 256, received "0"'],
    [['--batch', '257'], '--batch: expected a whole number from 1 to 256, received "257"'],
    [['--batch', 'many'], '--batch: expected a whole number from 1 to 256, received "many"'],
    [['--concurrency', '1.5'], '--concurrency: expected a whole number from 1 to 64, received "1.5"'],
    [['--timeout', '0'], '--timeout: expected seconds up to 86400, received "0"'],
    [['--timeout', 'x'], '--timeout: expected seconds up to 86400, received "x"'],
    [['--url', 'localhost:8080'], '--url: expected http://host:port or https://host, received "localhost:8080"'],
    [['--url', 'http://a b'], '--url: expected http://host:port or https://host, received "http://a b"'],
    [['--model', ''], '--model: expected a name, received ""'],
    [
      ['--service', 'face'],
      '--service: expected one of facequality cifar10 helmet_detection license_plate mnist text_classification other, received "face"',
    ],
    [['--service', 'other'], '--service other: expected --model'],
    [['--model', 'mnist', '--text', ' '], '--text: expected a text, received ""'],
    [['--model', 'mnist', '--text', 'a'], '--text: mnist takes no texts'],
    [['--model', 'cifar10', '--explain'], '--explain: cifar10 explains nothing'],
    [['--model', 'text_classification', '--annotate', 'out'], '--annotate: nothing is drawn for text_classification'],
    [['--model', 'm', '--annotate', 'out'], '--annotate: nothing is drawn for the model m; --service says what it is'],
    [['--model', 'mnist', '--type', 'id'], '--type and --other: mnist takes no extra_info'],
    [['--other', 'k=v', '--other', 'kv'], '--other: expected KEY=VALUE, received "kv"'],
    [['--header', 'a b:c'], '--header: expected NAME:VALUE, received "a b:c"'],
    [['--header', 'a:c\r\nd:e'], '--header: expected NAME:VALUE, received "a:c d:e"'],
    [['--annotate', ''], '--annotate: expected a folder, received ""'],
  ])('refuses %j', (args, problem) => {
    expect(problemsOf('a.jpg', ...args)).toEqual([problem]);
  });

  it('does not repeat a token that it refuses', () => {
    expect(problemsOf('a.jpg', '--token', 'my secret')).toEqual(['--token: expected a token without spaces']);
  });

  it('tells all wrong values at once, and that no file is named', () => {
    expect(problemsOf('--batch', '0', '--url', 'x')).toHaveLength(3);
    expect(problemsOf()).toEqual(['no FILE or FOLDER is named']);
  });

  it('refuses an unknown option', () => {
    expect(problemsOf('a.jpg', '--bach', '3')).toEqual([expect.stringContaining("Unknown option '--bach'")]);
  });
});

describe('helpText()', () => {
  it('names every option and exit code', () => {
    const options =
      'url model service batch concurrency timeout type other header token text recursive explain annotate json quiet';
    for (const option of [...options.split(' '), 'help', 'version']) expect(helpText()).toContain(`  --${option} `);
    expect(helpText()).toMatch(/Exit codes: 0 .*; 1 .*; 2 .*\./);
  });

  it('says of every service what is shown', () => {
    for (const service of SERVICE_NAMES) expect(helpText()).toMatch(new RegExp(`^  ${service} +\\S.{20,}$`, 'm'));
  });

  it('fits on a terminal of 120 columns', () => {
    expect(
      helpText()
        .split('\n')
        .filter((line) => line.length > 120),
    ).toEqual([]);
  });
});
