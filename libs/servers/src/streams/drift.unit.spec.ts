import { describe, expect, it } from '@jest/globals';
import { CONSUMERS, type DesiredStream, desiredStreams } from './desired-streams.ts';
import { driftOf, type FoundConfig, isMendable } from './drift.ts';
import { parseStreamFile, readStreamFile } from './stream-file.ts';

const file = readStreamFile();
const all = desiredStreams(file, { partitions: 4 });

function stream(name: string): DesiredStream {
  const found = all.find((one) => one.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

/** The configuration as a server tells it: what is off or none is left out. */
function asTold({ name, fields }: DesiredStream, changed: FoundConfig = {}): FoundConfig {
  const on = Object.entries(fields).filter(
    ([field, value]) => value !== false && value !== 'none' && !field.includes('.'),
  );
  const told = Object.entries(fields).flatMap(([field, value]) =>
    field.startsWith(CONSUMERS) ? [[field.slice(CONSUMERS.length), value]] : [],
  );
  const consumers: unknown = Object.fromEntries(told);
  return {
    name,
    consumers,
    ...Object.fromEntries(on),
    metadata: { partitions: '4', '_nats.level': '1' },
    ...changed,
  };
}

const journal = stream('SUMMIT_JOURNAL_02_0001');
const commands = stream('SUMMIT_COMMANDS');

describe('the streams of a deployment', () => {
  it('have one journal for each partition, with its own subject', () => {
    const names = desiredStreams(file, { partitions: 12 }).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('SUMMIT_JOURNAL_'))).toHaveLength(12);
    expect(names).toContain('SUMMIT_JOURNAL_11_0001');
    expect(journal.fields['subjects']).toEqual(['summit.journal.02.0001']);
  });

  it('[P1] keep the journal: no deletion, no expiry, no stale reads, on disk', () => {
    expect(journal.fields).toMatchObject({
      storage: 'file',
      discard: 'new',
      retention: 'limits',
      max_age: 0,
      max_msgs: -1,
      max_bytes: -1,
      deny_delete: true,
      deny_purge: true,
      allow_direct: false,
      allow_rollup_hdrs: false,
      allow_msg_ttl: false,
    });
  });

  it('[I9] hold commands and dead letters for a day at most', () => {
    const day = 86_400_000_000_000;
    expect([commands.fields['max_age'], stream('SUMMIT_DEAD').fields['max_age']]).toEqual([day, day]);
  });

  it('are refused where the file is wrong, with the field', () => {
    const wrong = 'version: 1\npartitions: 0\nstreams: []\n';
    expect(() => parseStreamFile(wrong)).toThrow(/streams.yaml: partitions:/);
  });
});

describe('drift', () => {
  it.each(all.map((one) => [one.name, one] as const))('%s: none where it is as it should be', (_, one) => {
    expect(driftOf(one, asTold(one))).toEqual([]);
  });

  it('names field, expected and found', () => {
    expect(driftOf(commands, asTold(commands, { max_age: 5 }))).toEqual([
      { stream: 'SUMMIT_COMMANDS', field: 'max_age', expected: 86_400_000_000_000, found: 5 },
    ]);
  });

  it.each(['mirror', 'republish', 'subject_transform'])('sees a %s that nobody asked for', (field) => {
    const found = driftOf(journal, asTold(journal, { [field]: { name: 'X' } }));
    expect(found).toEqual([{ stream: journal.name, field, expected: 'none', found: '{"name":"X"}' }]);
  });

  it('sees that a stream is missing, and nothing else then', () => {
    expect(driftOf(journal, undefined)).toEqual([
      { stream: journal.name, field: 'exists', expected: true, found: false },
    ]);
  });

  it('sees another number of partitions', () => {
    const found = driftOf(journal, asTold(journal, { metadata: { partitions: '8' } }));
    expect(found).toMatchObject([{ field: 'metadata.partitions', expected: '4', found: '8' }]);
  });
});

describe('what may be mended', () => {
  it.each([
    ['max_age of a journal', journal, { max_age: 1 }, false],
    ['discard of a journal', journal, { discard: 'old' }, false],
    ['replicas of a journal', journal, { num_replicas: 3 }, true],
    ['max_age of the commands', commands, { max_age: 1 }, true],
    ['storage of the commands', commands, { storage: 'memory' }, false],
    ['retention of the commands', commands, { retention: 'limits' }, false],
    ['deny_delete, once it is on', commands, { deny_delete: true }, false],
  ])('%s', (_, desired, changed, expected) => {
    const found = driftOf(desired, asTold(desired, changed));
    expect(found.map((one) => isMendable(desired, one))).toEqual([expected]);
  });
});
