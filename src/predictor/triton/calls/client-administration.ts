import { ServiceError } from '../../../errors.js';
import type { TritonAdministration } from '../administration.js';
import { subjectOf } from '../answer.js';
import { modelName } from '../names.js';
import { regionSubject, SUBJECTS } from '../subjects.js';
import type { TransportCall } from '../transport.js';
import type { TritonCallOptions } from '../triton-client.js';
import type { CallRunner } from './call-runner.js';
import type { Retries } from './retries.js';

type ClientAdministration = TritonAdministration<[options?: TritonCallOptions]>;

/** One call of a transport. */
type Send<T> = (wire: TransportCall) => Promise<T>;

/**
 * A client's calls besides inference. They take no place, so that a probe is answered under load. What only reads is
 * retried; a change is not, since it may have been made already, nor is readiness, which is asked for as it is now.
 * @param options.onReload called when a model may have become another, or all models may have
 */
export function createClientAdministration(options: {
  transport: TritonAdministration<[call: TransportCall]>;
  runner: CallRunner;
  retries: Retries;
  onReload: (model?: string) => void;
}): ClientAdministration {
  const { transport, runner, retries, onReload } = options;

  const change = <T>(subject: string, callOptions: TritonCallOptions = {}, send: Send<T>) =>
    runner.run(
      () => whatOf(subject),
      callOptions,
      (call) => call.send(send),
    );

  const read = <T>(subject: string, callOptions: TritonCallOptions = {}, send: Send<T>) =>
    runner.run(
      () => whatOf(subject),
      callOptions,
      (call) => retries.run(call, () => call.send(send)),
    );

  const isTrue = (subject: string, callOptions: TritonCallOptions = {}, send: Send<boolean>) =>
    runner.run(
      () => whatOf(subject),
      callOptions,
      async (call) => {
        try {
          return await call.send(send);
        } catch (error) {
          // A server that cannot be reached is neither live nor ready; of a closed client nothing is known.
          const isOut = error instanceof ServiceError && error.code === 'unavailable';
          if (isOut && !call.signal.aborted) return false;
          throw error;
        }
      },
    );

  return {
    isServerLive: (rest) => isTrue(SUBJECTS.live, rest, (wire) => transport.isServerLive(wire)),
    isServerReady: (rest) => isTrue(SUBJECTS.ready, rest, (wire) => transport.isServerReady(wire)),
    isModelReady: async (model, rest) =>
      isTrue(subjectOf(modelName(model)), rest, (wire) => transport.isModelReady(model, wire)),
    serverMetadata: (rest) => read(SUBJECTS.metadata, rest, (wire) => transport.serverMetadata(wire)),
    modelMetadata: async (model, rest) =>
      read(subjectOf(modelName(model)), rest, (wire) => transport.modelMetadata(model, wire)),
    modelConfig: async (model, rest) =>
      read(subjectOf(modelName(model)), rest, (wire) => transport.modelConfig(model, wire)),
    repositoryIndex: (request, rest) =>
      read(SUBJECTS.repository, rest, (wire) => transport.repositoryIndex(request, wire)),
    loadModel: async (request, rest) => {
      try {
        await change(subjectOf(request), rest, (wire) => transport.loadModel(request, wire));
      } finally {
        onReload(request.model);
      }
    },
    unloadModel: async (request, rest) => {
      try {
        await change(subjectOf(request), rest, (wire) => transport.unloadModel(request, wire));
      } finally {
        onReload(request.unloadDependents === true ? undefined : request.model);
      }
    },
    statistics: async (model, rest) => {
      const subject = model === undefined ? SUBJECTS.statistics : subjectOf(modelName(model));
      return read(subject, rest, (wire) => transport.statistics(model, wire));
    },
    traceSettings: (model, rest) => read(SUBJECTS.traceSettings, rest, (wire) => transport.traceSettings(model, wire)),
    updateTraceSettings: (request, rest) =>
      change(SUBJECTS.traceSettings, rest, (wire) => transport.updateTraceSettings(request, wire)),
    logSettings: (rest) => read(SUBJECTS.logSettings, rest, (wire) => transport.logSettings(wire)),
    updateLogSettings: (settings, rest) =>
      change(SUBJECTS.logSettings, rest, (wire) => transport.updateLogSettings(settings, wire)),
    systemSharedMemory: (name, rest) =>
      read(regionSubject('system', name), rest, (wire) => transport.systemSharedMemory(name, wire)),
    registerSystemSharedMemory: (region, rest) =>
      change(regionSubject('system', region.name), rest, (wire) => transport.registerSystemSharedMemory(region, wire)),
    unregisterSystemSharedMemory: (name, rest) =>
      change(regionSubject('system', name), rest, (wire) => transport.unregisterSystemSharedMemory(name, wire)),
    cudaSharedMemory: (name, rest) =>
      read(regionSubject('cuda', name), rest, (wire) => transport.cudaSharedMemory(name, wire)),
    registerCudaSharedMemory: (region, rest) =>
      change(regionSubject('cuda', region.name), rest, (wire) => transport.registerCudaSharedMemory(region, wire)),
    unregisterCudaSharedMemory: (name, rest) =>
      change(regionSubject('cuda', name), rest, (wire) => transport.unregisterCudaSharedMemory(name, wire)),
  };
}

function whatOf(subject: string): string {
  return `The call to the predictor for ${subject}`;
}
