import { isObject } from '@summit/kernel';
import type { DesiredStream, FieldValue } from './desired-streams.ts';

/** One field that is not as it should be. */
export interface Drift {
  readonly stream: string;
  readonly field: string;
  readonly expected: FieldValue;
  readonly found: FieldValue;
}

/** A stream's configuration as the server tells it. */
export type FoundConfig = Readonly<Record<string, unknown>>;

/** Every field that differs. `found` undefined: the stream is missing, which is the one drift then. */
export function driftOf(desired: DesiredStream, found: FoundConfig | undefined): Drift[] {
  const { name: stream, fields } = desired;
  if (!found) return [{ stream, field: 'exists', expected: true, found: false }];
  return Object.entries(fields).flatMap(([field, expected]) => {
    const value = foundValue(found, field, expected);
    return same(expected, value) ? [] : [{ stream, field, expected, found: value }];
  });
}

/** The server leaves out what is off, empty or none. */
function foundValue(config: FoundConfig, field: string, expected: FieldValue): FieldValue {
  const [outer = field, inner] = field.split('.');
  const value =
    inner === undefined ? config[outer] : isObject(config[outer]) ? config[outer][inner] : undefined;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(String);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value !== undefined && value !== null) return JSON.stringify(value);
  return absent(expected);
}

function absent(expected: FieldValue): FieldValue {
  if (typeof expected === 'boolean') return false;
  if (typeof expected === 'number') return 0;
  return expected === 'default' ? 'default' : 'none';
}

function same(a: FieldValue, b: FieldValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Fields that JetStream itself does not change, or that must not change under a deployment's feet. */
const fixed = new Set([
  'storage',
  'retention',
  'max_consumers',
  'sealed',
  'persist_mode',
  'allow_msg_counter',
  'mirror',
]);

/** Whether `apply` may mend it. */
export function isMendable(desired: DesiredStream, { field, found }: Drift): boolean {
  if (field === 'exists') return true;
  if (field === 'num_replicas') return true;
  if ((field === 'deny_delete' || field === 'deny_purge') && found === true) return false;
  return !desired.frozen && !fixed.has(field);
}
