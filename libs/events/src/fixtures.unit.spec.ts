import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { anyEventSchema } from './catalogue.ts';
import { decodeCommit, type Opener } from './codec.ts';
import { upcast } from './upcast.ts';

/** One event as a journal holds it: what stands in clear, and what is sealed. Written once, kept for ever. */
const fixtureSchema = z.strictObject({
  clear: z.looseObject({ type: z.string(), v: z.int().positive() }),
  data: z.unknown().optional(),
});
type Fixture = z.infer<typeof fixtureSchema>;

const directory = join(import.meta.dirname, '..', 'fixtures');
const files = readdirSync(directory).toSorted();
const fixtures = files.map((file): [string, Fixture] => [
  file,
  fixtureSchema.parse(JSON.parse(readFileSync(join(directory, file), 'utf8'))),
]);

/** Every type with the version that is written today. */
const current = new Map<string, number>(
  anyEventSchema.options.map(({ shape }) => {
    const { type, v } = shape;
    return [type.value, v.value];
  }),
);

/** A commit's line that holds the event, and what opens it; `erased`: nothing does. */
function stored(
  { clear, data }: Fixture,
  erased: boolean,
): { readonly line: string; readonly opener: Opener } {
  const head = {
    tenant: 'acme',
    entity: { kind: 'run', id: 'run_00_0mws75g8t96028f8e70af50bf' },
    version: 2,
    key: 'k_coy8o0fconbv_0',
    correlationId: 'run_00_0mws75g8t96028f8e70af50bf',
    actor: { kind: 'executor', id: 'ex-26d74b8550907f8f' },
    causationId: 'frame:1.1',
    trace: '',
    decisions: [{ entry: 'summit/action/decision', policy: '1'.repeat(64), verdict: 'allow' }],
    events: [clear],
    tenantIndex: 2,
    tenantPrev: '0'.repeat(64),
    salt: '0'.repeat(32),
    at: 1_795_373_709_559,
  };
  const sealed = JSON.stringify({ decisions: [{}], data: [data ?? null] });
  const line = `${JSON.stringify(head).slice(0, -1)},"sealed":"x"}`;
  return { line, opener: { open: () => (erased ? undefined : sealed) } };
}

const read = (fixture: Fixture, erased = false) => {
  const { line, opener } = stored(fixture, erased);
  return decodeCommit(0, line, opener).commit.events[0];
};

describe('the fixtures of events', () => {
  it('[P1] there is one for every version of every event, and none besides', () => {
    const wanted = [...current].flatMap(([type, newest]) =>
      Array.from({ length: newest }, (_, i) => `${type}.${String(i + 1)}.json`),
    );
    expect(files).toEqual(wanted.toSorted());
  });

  it.each(fixtures)('[P1] %s is read, in the version of today', (file, fixture) => {
    const { type, v } = fixture.clear;
    expect(file).toBe(`${type}.${String(v)}.json`);
    const event = read(fixture);
    expect(event).toMatchObject({ type, v: current.get(type) });
    // What today's version holds is all there: nothing that was stored is dropped when it is read.
    if (v === current.get(type)) expect(event).toEqual({ ...fixture.clear, ...withData(fixture) });
  });

  it.each(fixtures)('[I6] %s is read without its data, once its key is destroyed', (_file, fixture) => {
    expect(read(fixture, true)).toMatchObject({
      type: fixture.clear.type,
      v: current.get(fixture.clear.type),
    });
  });
});

const withData = ({ data }: Fixture): { data?: unknown } => (data === undefined ? {} : { data });

describe('an event of an older version', () => {
  const upcasters = {
    Renamed: [
      ({ old, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, name: old }),
      (event: Readonly<Record<string, unknown>>) => ({ ...event, count: 1 }),
    ],
  };

  it('goes from version to version until it is of today', () => {
    const today = { type: 'Renamed', v: 3, name: 'x', count: 1 };
    expect(upcast({ type: 'Renamed', v: 1, old: 'x' }, upcasters)).toEqual(today);
    expect(upcast({ type: 'Renamed', v: 2, name: 'x' }, upcasters)).toEqual(today);
    expect(upcast(today, upcasters)).toEqual(today);
  });

  it('of a type that has had one version is left alone, and so is one of a later release', () => {
    const event = { type: 'Other', v: 1 };
    expect(upcast(event, upcasters)).toBe(event);
    const later = { type: 'Renamed', v: 9 };
    expect(upcast(later, upcasters)).toEqual(later);
  });
});
