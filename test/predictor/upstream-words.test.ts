import { upstreamWords } from '../../src/predictor/upstream-words.js';

describe('upstreamWords()', () => {
  it.each([
    "unexpected shape for input 'input' for model 'identity'. Expected [-1,4], got [1,3]",
    "inference input 'input' data-type is 'FP32', but model 'identity' expects 'INT64'",
    "inference request batch-size must be <= 8 for 'identity'",
    "Request for unknown model: 'faces' has no available versions",
    'Please fix either the inputs/outputs or the model (FP16/FP32, 1.5 of 2.0).',
    'Expected: 1024, got:1000',
  ])('keeps %j', (text) => {
    expect(upstreamWords(text)).toBe(text);
  });

  it.each(['[request id: <id_unknown>] unexpected shape', '[request id: r-1] unexpected shape'])(
    'drops the request id of %j',
    (text) => expect(upstreamWords(text)).toBe('unexpected shape'),
  );

  it.each([
    [
      "Failed to process the request(s) for model instance 'face_pose_0_0', message: ValueError: no face\n\nAt:\n  /mnt/models/face_pose/1/model.py(41): execute\n",
      "Failed to process the request(s) for model instance 'face_pose_0_0', message: ValueError: no face",
    ],
    ['ValueError: no face At:  /mnt/models/face_pose/1/model.py(41): execute', 'ValueError: no face'],
    ["ValueError: no face\\n\\nAt:\\n  model.py(41): execute'", 'ValueError: no face'],
    ['no face\r\n    at run (model.js:1:2)', 'no face'],
    ['\n no face\n', 'no face'],
    ['Traceback (most recent call last):\n  File "/a/b.py", line 41, in execute', 'no message'],
    ['', 'no message'],
  ])('ends %j with its first line', (text, words) => {
    expect(upstreamWords(text)).toBe(words);
  });

  it.each([
    ['Load model from /tmp/models/face/1/model.onnx failed:Protobuf parsing failed.', 'Load model from … failed:Protobuf parsing failed.'], // prettier-ignore
    ['CUDA failure 2: out of memory ; file=/src/cuda_call.cc ; line=66', 'CUDA failure 2: out of memory ; file=… ; line=66'], // prettier-ignore
    ['FileNotFoundError: [Errno 2] No such file: \'/mnt/models/labels.txt\'', "FileNotFoundError: [Errno 2] No such file: '…'"], // prettier-ignore
    ['model.py(41) failed:/mnt/model.py(41)', 'model.py(41) …(41)'],
    [String.raw`cannot open C:\models\face.onnx`, 'cannot open …'],
    ['cannot open ./model.py, ../model.py, ~/model.py, face/model.py, models/face/1', 'cannot open …, …, …, …, …'],
    ['GET http://minio:9000/models?id=1&token=abc,def failed', 'GET … failed'],
    ["cannot load (url='s3://bucket/models') now", "cannot load (url='…') now"],
    ['connect 10.0.0.7:8001, triton.faces:8001, localhost:8001', 'connect …, …, …'],
    ["HTTPConnectionPool(host='minio.faces.svc', port=9000)", "HTTPConnectionPool(host='…', port=9000)"],
  ])('hides the places in %j', (text, words) => {
    expect(upstreamWords(text)).toBe(words);
  });

  it('keeps 300 characters', () => {
    expect(upstreamWords('x'.repeat(5000))).toBe(`${'x'.repeat(300)}…`);
    expect(upstreamWords('x'.repeat(300))).toBe('x'.repeat(300));
  });
});
