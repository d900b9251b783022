import type { ParameterMessage, ParameterMessages } from './messages.js';
import type { WireReader } from './wire-reader.js';
import type { WireWriter } from './wire-writer.js';

/** The numbers of the fields of InferParameter, and of a map's entries. */
const PARAMETER = { bool: 1, int64: 2, string: 3, double: 4, uint64: 5 } as const;
const MAP_ENTRY = { key: 1, value: 2 } as const;

/** A parameter as it is read; of two with one name the later counts. */
export type ParameterEntry = readonly [name: string, parameter: ParameterMessage];

const NO_PARAMETERS: ParameterMessages = Object.freeze({});

/** The parameters that were read one after the other. */
export function toParameters(entries: readonly ParameterEntry[]): ParameterMessages {
  return entries.length === 0 ? NO_PARAMETERS : Object.fromEntries(entries);
}

/** Reads one entry of a map of parameters. Throws as WireReader does. */
export function readParameterEntry(reader: WireReader): ParameterEntry {
  let name = '';
  let parameter: ParameterMessage = {};
  while (reader.next()) {
    if (reader.field === MAP_ENTRY.key) name = reader.string();
    else if (reader.field === MAP_ENTRY.value) parameter = readParameter(reader.message());
    else reader.skip();
  }
  return [name, parameter];
}

/** Writes a map of parameters. */
export function writeParameters(writer: WireWriter, field: number, parameters: ParameterMessages): void {
  for (const [name, parameter] of Object.entries(parameters)) {
    writer.message(field, () => {
      writer.string(MAP_ENTRY.key, name);
      writer.message(MAP_ENTRY.value, () => writeParameter(writer, parameter));
    });
  }
}

function readParameter(reader: WireReader): ParameterMessage {
  let parameter: ParameterMessage = {};
  while (reader.next()) {
    switch (reader.field) {
      case PARAMETER.bool:
        parameter = { bool_param: reader.bool() };
        break;
      case PARAMETER.int64:
        parameter = { int64_param: String(reader.int64()) };
        break;
      case PARAMETER.string:
        parameter = { string_param: reader.string() };
        break;
      case PARAMETER.double:
        parameter = { double_param: reader.double() };
        break;
      case PARAMETER.uint64:
        parameter = { uint64_param: String(reader.uint64()) };
        break;
      default:
        reader.skip();
    }
  }
  return parameter;
}

/** The one member that is there is written, its default too: that tells which of the kinds it is. */
function writeParameter(writer: WireWriter, parameter: ParameterMessage): void {
  const { bool_param, int64_param, string_param, double_param, uint64_param } = parameter;
  if (bool_param !== undefined) writer.varint(PARAMETER.bool, Number(bool_param));
  if (int64_param !== undefined) writer.varint(PARAMETER.int64, BigInt(int64_param));
  if (string_param !== undefined) writer.string(PARAMETER.string, string_param);
  if (double_param !== undefined) writer.double(PARAMETER.double, double_param);
  if (uint64_param !== undefined) writer.varint(PARAMETER.uint64, BigInt(uint64_param));
}
