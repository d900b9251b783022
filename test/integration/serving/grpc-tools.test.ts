import { sampleFace } from '../../helpers/face-bodies.js';
import { type Outcomes, runScenarios } from './outcomes.js';
import { expectClose, PICTURE, plainScore, serve, type Serving } from './serve.js';

const MODEL = 'facequality';
const SERVICES = ['grpc.health.v1.Health', 'inference.GRPCInferenceService'];

/** Request, answer, whether requests and whether answers are streamed. */
const METHODS = {
  ServerLive: ['ServerLiveRequest', 'ServerLiveResponse', false, false],
  ServerReady: ['ServerReadyRequest', 'ServerReadyResponse', false, false],
  ServerMetadata: ['ServerMetadataRequest', 'ServerMetadataResponse', false, false],
  ModelReady: ['ModelReadyRequest', 'ModelReadyResponse', false, false],
  ModelMetadata: ['ModelMetadataRequest', 'ModelMetadataResponse', false, false],
  ModelInfer: ['ModelInferRequest', 'ModelInferResponse', false, false],
  ModelStreamInfer: ['ModelInferRequest', 'ModelStreamInferResponse', true, true],
  RepositoryModelLoad: ['RepositoryModelLoadRequest', 'RepositoryModelLoadResponse', false, false],
  RepositoryModelUnload: ['RepositoryModelUnloadRequest', 'RepositoryModelUnloadResponse', false, false],
};

let service: Serving;
let score: number;
let outcomes: Outcomes;

beforeAll(async () => {
  service = await serve();
  score = await plainScore(service);
  const picture = sampleFace(PICTURE).toString('base64');
  outcomes = await runScenarios('grpc_tools.py', { address: service.address.grpc, model: MODEL, picture });
});
afterAll(() => service.stop());

describe('reflection, as grpcurl uses it', () => {
  it.each(['services', 'services_by_the_newer_reflection'])('lists the services: %s', (scenario) => {
    expect(outcomes.valueOf(scenario)).toEqual(expect.arrayContaining(SERVICES));
  });

  it('describes the methods of the Open Inference Protocol', () => {
    expect(outcomes.valueOf('methods')).toMatchObject(METHODS);
  });

  it('describes messages with the numbers of their fields', () => {
    expect(outcomes.valueOf('fields_of_a_request')).toEqual({
      model_name: 1,
      model_version: 2,
      id: 3,
      parameters: 4,
      inputs: 5,
      outputs: 6,
      raw_input_contents: 7,
    });
  });

  it('knows nothing of what there is not', () => {
    expect(outcomes.failureOf('unknown_symbol')).toMatchObject({ type: 'KeyError' });
  });

  it('is enough to make calls', () => {
    expect(outcomes.valueOf('server_metadata')).toMatchObject({ name: 'kserve-transformer' });
    expect(outcomes.valueOf('model_ready')).toEqual({ ready: true });
  });

  it('is enough to send a picture and get its score', () => {
    const answer = outcomes.valueOf('infer') as InferAnswer;
    expect(answer).toMatchObject({
      model_name: MODEL,
      id: 'by-reflection',
      outputs: [
        { name: 'face_quality_score', datatype: 'FP32', shape: ['1'] },
        { name: 'response', datatype: 'BYTES', shape: ['1'] },
      ],
    });
    // A request with typed contents is answered in typed contents or in raw ones; grpcurl shows either.
    const raw = answer.raw_output_contents?.map((content) => Buffer.from(content, 'base64'));
    expectClose(raw?.[0]?.readFloatLE(0) ?? answer.outputs[0]?.contents?.fp32_contents?.[0], score);
  });

  it('shows the error of a call', () => {
    const { status, message } = outcomes.failureOf('infer_unknown_model');
    expect(status).toBe('NOT_FOUND');
    expect(message).toContain('Model with name "no_such_model" does not exist');
  });

  it('does not make up methods', () => {
    expect(outcomes.failureOf('unknown_method').status).toBe('UNIMPLEMENTED');
  });
});

describe('the health service, as a kubelet asks it', () => {
  it.each(['health_of_the_server', 'health_of_the_service', 'watched_health'])('is serving: %s', (scenario) => {
    expect(outcomes.valueOf(scenario)).toBe('SERVING');
  });

  it('knows no other services', () => {
    expect(outcomes.failureOf('health_of_unknown_service').status).toBe('NOT_FOUND');
  });
});

/** An answer as Protocol Buffers' JSON has it. */
interface InferAnswer {
  readonly outputs: readonly { readonly contents?: { readonly fp32_contents?: readonly number[] } }[];
  readonly raw_output_contents?: readonly string[];
}
