import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Decision, encodeCommit, lineText } from '@summit/events';
import { readLinks } from '@summit/journal';
import { canonicalJson, sha256, ZERO_DIGEST } from '@summit/kernel';
import { type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import { type Bundle, openBundle, opaPolicyEngine, releasePolicies } from '@summit/policy-opa';
import { MemoryKeyStore, newSalt, Vault } from '@summit/vault';
import { DecisionCheck } from './check-decisions.ts';
import { Found } from './place.ts';

// A policy that goes by the tool's name; asked for `loop` it runs out of work.
const stored = readFileSync(
  new URL('../../../../libs/policy-opa/fixtures/hostile.bundle.tar.gz', import.meta.url),
);
const SUSPENDED = 'denied without an evaluation, after others of their policy had run out';

let root: Bundle;
let hostile: Bundle;
let vault: Vault;
let check: DecisionCheck;

beforeAll(async () => {
  ({ root } = await releasePolicies());
  hostile = await openBundle(stored, { pinned: sha256(stored) });
});
beforeEach(() => {
  vault = new Vault(new MemoryKeyStore());
  check = new DecisionCheck(vault, root, [hostile]);
});

const ask = (name: string): PolicyRequest => ({
  tenant: 'acme',
  entry: 'summit/action/decision',
  input: canonicalJson({ v: 1, action: { kind: 'tool', name } }),
});

/** What a leader records of its engine's answers. */
const recorded = ({ entry, input }: PolicyRequest, { policy, verdict, reasons }: PolicyAnswer): Decision => ({
  entry,
  policy,
  verdict,
  input,
  reasons: [...reasons],
});

/** Has a commit with these decisions looked into. */
function look(decisions: readonly Decision[]): void {
  const commit = {
    tenant: 'acme',
    entity: { kind: 'run' as const, id: 'run_00_1' },
    version: 1,
    tenantIndex: 0,
    tenantPrev: ZERO_DIGEST,
    salt: newSalt(),
    key: vault.takeThreadKey('acme'),
    causationId: 'frame:1',
    correlationId: 'run_00_1',
    actor: { kind: 'executor' as const, id: 'executor-1' },
    at: 1,
    trace: '',
    decisions: [...decisions],
    events: [],
  };
  const line = lineText(encodeCommit(0, commit, vault));
  const links = readLinks(line);
  if (!links) throw new Error('no commit');
  check.look({ partition: 0, line, links, place: {} });
}

describe('decisions, evaluated again', () => {
  it('[C5.1] come out as recorded where the policy ran out of work, and count apart where nobody evaluated it', () => {
    const leader = opaPolicyEngine({ root, fallback: hostile });
    const requests = [ask('allow'), ...Array.from({ length: 100 }, () => ask('loop'))];
    const answers = leader.decide(requests);
    const suspended = answers.filter(({ code }) => code === 'POLICY_SUSPENDED').length;
    expect(suspended).toBeGreaterThan(0);
    look(
      requests.flatMap((request, i) => answers.slice(i, i + 1).map((answer) => recorded(request, answer))),
    );
    expect(check.report()).toEqual({
      opened: 1,
      same: requests.length - suspended,
      unchecked: { [SUSPENDED]: suspended },
    });
  });

  it('[C5.1] show a denial that claims to have run out, and did not', () => {
    const [answer] = opaPolicyEngine({ root, fallback: hostile }).decide([ask('loop')]);
    expect(answer?.code).toBe('POLICY_TIMEOUT');
    expect(() => {
      if (answer) look([recorded(ask('allow'), answer)]);
    }).toThrow(Found);
  });
});
