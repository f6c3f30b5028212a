import { describe, expect, it } from '@jest/globals';
import { lineText } from '@summit/events';
import { hasCode } from '@summit/kernel';
import fc from 'fast-check';
import { ChainCheck } from './chain.ts';
import { CommitSource as Source } from './commits.fixture.ts';
import { encodeGroup, FIRST_PREV, type StoredCommit } from './group.ts';

type Written = readonly StoredCommit[];

/** Its commits as whoever reads the journal has them. */
class CommitSource extends Source {
  stored(tenant?: string, run?: string, payload?: string): StoredCommit {
    const { digest, ...encoded } = this.next(tenant, run, payload);
    return { line: lineText(encoded), digest };
  }
}

/** Groups of commits as a leader would write them: tenants and runs interleaved. */
const history = (least: number): fc.Arbitrary<Written[]> =>
  fc
    .array(
      fc.array(
        fc.record({ tenant: fc.constantFrom('acme', 'Blu ü', '_system'), run: fc.constantFrom('r1', 'r2') }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      { minLength: least, maxLength: 6 },
    )
    .map((groups) => {
      const source = new CommitSource(0);
      return groups.map((commits) =>
        commits.map(({ tenant, run }) => source.stored(tenant, run, 'x'.repeat(9))),
      );
    });

interface HeaderChange {
  readonly partition?: number;
  readonly generation?: number;
}

/** Writes groups with correct `prev` links, whatever the commits say. */
function linked(
  groups: readonly Written[],
  change: HeaderChange = {},
  epochs: readonly number[] = [],
): Uint8Array[] {
  let prev = FIRST_PREV;
  return groups.map((commits, i) => {
    const header = {
      partition: 0,
      generation: 1,
      epoch: epochs[i] ?? 1,
      groupId: String(i),
      prev,
      ...change,
    };
    const { bytes, digest } = encodeGroup(header, commits);
    prev = digest;
    return bytes;
  });
}

function check(groups: readonly Uint8Array[], first = 1): void {
  const chain = new ChainCheck(0);
  for (const [i, bytes] of groups.entries()) chain.next(first + i, bytes);
}

/** The position at which a check fails, or undefined. */
function brokenAt(groups: readonly Uint8Array[]): number | undefined {
  const chain = new ChainCheck(0);
  for (const [i, bytes] of groups.entries()) {
    try {
      chain.next(i + 1, bytes);
    } catch (error) {
      if (!hasCode(error, 'JOURNAL_BROKEN')) throw error;
      return i;
    }
  }
  return undefined;
}

const broken = expect.objectContaining({ code: 'JOURNAL_BROKEN' });

describe('the chain', () => {
  it('[I5] holds for whatever leaders write', () => {
    fc.assert(
      fc.property(history(1), (groups) => {
        check(linked(groups));
      }),
    );
  });

  it('[I5] finds any changed byte, at its group or the next', () => {
    fc.assert(
      fc.property(
        history(2),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (groups, which, where, flip) => {
          const bytes = linked(groups);
          const at = which % (bytes.length - 1); // the last group has no successor: a signed head covers it
          const group = Uint8Array.from(bytes[at] ?? []);
          const position = where % group.length;
          group[position] = (group[position] ?? 0) ^ flip;
          bytes[at] = group;
          const found = brokenAt(bytes);
          expect(found === at || found === at + 1).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('[I5] finds a dropped, repeated or exchanged group', () => {
    fc.assert(
      fc.property(
        history(3),
        fc.nat(),
        fc.constantFrom('drop', 'repeat', 'exchange'),
        (groups, which, how) => {
          const bytes = linked(groups);
          const at = which % (bytes.length - 1);
          const [one, two] = [bytes[at] ?? new Uint8Array(), bytes[at + 1] ?? new Uint8Array()];
          if (how === 'drop') bytes.splice(at, 1);
          if (how === 'repeat') bytes.splice(at, 0, one);
          if (how === 'exchange') bytes.splice(at, 2, two, one);
          expect(brokenAt(bytes)).toBeLessThanOrEqual(at + 1);
        },
      ),
    );
  });

  it('[I5] finds a commit dropped by somebody who can write all the links anew', () => {
    fc.assert(
      fc.property(history(3), fc.nat(), (groups, which) => {
        const all = groups.flat();
        const tenantOf = (line: string): string => line.slice(0, line.indexOf(','));
        const at = which % (all.length - 1);
        const dropped = all[at];
        const later = all.slice(at + 1).some(({ line }) => tenantOf(line) === tenantOf(dropped?.line ?? ''));
        fc.pre(later); // nobody can miss a tenant's newest commit but by a signed head
        const kept = groups
          .map((group) => group.filter((one) => one !== dropped))
          .filter((group) => group.length > 0);
        expect(() => {
          check(linked(kept));
        }).toThrow(broken);
      }),
    );
  });
});

describe('the chain, case by case', () => {
  const source = new CommitSource(0);
  const [first, second] = [source.stored('acme', 'r1'), source.stored('acme', 'r1')];

  it('[I5] names partition, sequence, commit, what was expected and what was found', () => {
    const wrong = { ...first, line: first.line.replace('"version":1', '"version":2') };
    expect(() => {
      check(linked([[first], [second, wrong]]));
    }).toThrow(
      expect.objectContaining({
        code: 'JOURNAL_BROKEN',
        message: 'partition 0, sequence 2, commit 1: tenantIndex of acme should be 2, but is 0',
        detail: { partition: 0, sequence: 2, commit: 1, what: 'tenantIndex of acme', expected: 2, found: 0 },
      }),
    );
  });

  it.each([
    ['a version that is not dense', first.line.replace('"version":1', '"version":2')],
    ['a tenantPrev of another', first.line.replace('"tenantPrev":"0', '"tenantPrev":"1')],
    ['a tenantIndex that is not from 0', first.line.replace('"tenantIndex":0', '"tenantIndex":1')],
    ['a line that is no commit', '{"tenant":"acme"}'],
    ['a line that is no JSON', 'commit'],
  ])('[I5] refuses %s', (_, line) => {
    expect(() => {
      check(linked([[{ line, digest: first.digest }]]));
    }).toThrow(broken);
  });

  it('[I5] refuses another partition, another generation, an epoch that goes back, a hole in the sequence', () => {
    expect(() => {
      check(linked([[first]], { partition: 1 }));
    }).toThrow(broken);
    expect(() => {
      check(linked([[first]], { generation: 2 }));
    }).toThrow(broken);
    expect(() => {
      check(linked([[first], [second]], {}, [2, 1]));
    }).toThrow(broken);
    expect(() => {
      check(linked([[first], [second]], {}, [1, 2]));
    }).not.toThrow();
    expect(() => {
      check(linked([[first]]), 2);
    }).toThrow(broken);
  });

  it('keeps the tenants apart that share an entity’s name', () => {
    const tenants = new CommitSource(0);
    check(linked([[tenants.stored('a', 'r1'), tenants.stored('b', 'r1')]]));
  });

  it('knows what the next commit must say', () => {
    const chain = new ChainCheck(0);
    const [bytes] = linked([[first, second]]);
    chain.next(1, bytes ?? new Uint8Array());
    expect(chain.tenant('acme')).toEqual({ next: 2, digest: second.digest });
    expect(chain.version('acme', { kind: 'run', id: 'r1' })).toBe(2);
    expect(chain.tenant('other')).toEqual({ next: 0, digest: '0'.repeat(64) });
  });
});
