import type { LogSettings, TraceSettings } from '../administration.js';
import { subjectOf } from '../answer.js';
import { modelName } from '../names.js';
import { assertLogSettings, traceChanges } from '../settings.js';
import { SUBJECTS } from '../subjects.js';
import type { SettingsCalls, TransportCall } from '../transport.js';
import type { AdministrationRpcs, LogSettingMessage } from './administration-rpcs.js';
import type { GrpcChannel } from './grpc-channel.js';

/** What a server traces and logs. One rpc reads settings and changes those that it is given. */
export function createGrpcSettings(channel: GrpcChannel, service: AdministrationRpcs): SettingsCalls {
  const trace = async (
    model: string | undefined,
    changes: ReadonlyMap<string, readonly string[]>,
    call: TransportCall,
  ): Promise<TraceSettings> => {
    const name = model === undefined ? '' : modelName(model).model;
    const subject = model === undefined ? SUBJECTS.traceSettings : subjectOf({ model });
    const request = { model_name: name, settings: mapValues(Object.fromEntries(changes), (value) => ({ value })) };
    const { settings } = await channel.call(service.TraceSetting, request, { ...call, subject });
    return mapValues(settings, ({ value }) => value);
  };
  const log = async (changes: LogSettings, call: TransportCall): Promise<LogSettings> => {
    const request = { settings: mapValues(changes, toLogMessage) };
    const { settings } = await channel.call(service.LogSettings, request, { ...call, subject: SUBJECTS.logSettings });
    return mapValues(settings, fromLogMessage);
  };
  return {
    traceSettings: (model, call) => trace(model, new Map(), call),
    updateTraceSettings: async (request, call) => trace(request.model, traceChanges(request), call),
    logSettings: (call) => log({}, call),
    updateLogSettings: async (settings, call) => {
      assertLogSettings(settings);
      return log(settings, call);
    },
  };
}

function toLogMessage(value: LogSettings[string]): LogSettingMessage {
  if (typeof value === 'boolean') return { bool_param: value };
  return typeof value === 'number' ? { uint32_param: value } : { string_param: value };
}

function fromLogMessage({ bool_param, uint32_param, string_param }: LogSettingMessage): LogSettings[string] {
  return bool_param ?? uint32_param ?? string_param ?? '';
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
