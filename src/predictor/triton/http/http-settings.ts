import * as z from 'zod';
import type { LogSettings, TraceSettings } from '../administration.js';
import { subjectOf } from '../answer.js';
import { assertLogSettings, traceChanges, TRACE_LEVEL } from '../settings.js';
import { SUBJECTS } from '../subjects.js';
import type { SettingsCalls } from '../transport.js';
import type { HttpConnection } from './http-connection.js';
import { ask } from './json-calls.js';
import { modelPath } from './paths.js';

const LOG_PATH = '/v2/logging';

const oneText = z.string().transform((text): readonly string[] => [text]);
const traceSettingsSchema: z.ZodType<TraceSettings> = z.record(z.string(), z.union([oneText, z.array(z.string())]));
const logSettingsSchema: z.ZodType<LogSettings> = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** What a server traces and logs. */
export function createHttpSettings(connection: HttpConnection): SettingsCalls {
  return {
    traceSettings: async (model, call) => {
      const request = { method: 'GET', path: tracePath(model), schema: traceSettingsSchema } as const;
      return ask(connection, request, { ...call, subject: traceSubject(model) });
    },
    updateTraceSettings: async (request, call) => {
      const changes = [...traceChanges(request)].map(([name, texts]) => [name, toJsonValue(name, texts)] as const);
      const body = Object.fromEntries(changes);
      const wire = { method: 'POST', path: tracePath(request.model), body, schema: traceSettingsSchema } as const;
      return ask(connection, wire, { ...call, subject: traceSubject(request.model) });
    },
    logSettings: (call) => {
      const request = { method: 'GET', path: LOG_PATH, schema: logSettingsSchema } as const;
      return ask(connection, request, { ...call, subject: SUBJECTS.logSettings });
    },
    updateLogSettings: async (settings, call) => {
      assertLogSettings(settings);
      const request = { method: 'POST', path: LOG_PATH, body: settings, schema: logSettingsSchema } as const;
      return ask(connection, request, { ...call, subject: SUBJECTS.logSettings });
    },
  };
}

function tracePath(model: string | undefined): string {
  return `${model === undefined ? '/v2' : modelPath(model)}/trace/setting`;
}

function traceSubject(model: string | undefined): string {
  return model === undefined ? SUBJECTS.traceSettings : subjectOf({ model });
}

/** Triton takes null, a list for the levels, and a text for any other setting. */
function toJsonValue(name: string, texts: readonly string[]): unknown {
  if (texts.length === 0) return null;
  return name === TRACE_LEVEL ? texts : texts[0];
}
