import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Commit, decodeCommit, encodeCommit, lineText } from '@summit/events';
import { sha256 } from '@summit/kernel';
import { MemoryKeyStore, newSalt, Vault } from './index.ts';

let keys: MemoryKeyStore;
let vault: Vault;
beforeEach(() => {
  keys = new MemoryKeyStore();
  vault = new Vault(keys);
});

/** A commit of a run in which everything that people wrote says SECRET. */
function commitUnder(key: string): Commit {
  return {
    tenant: 'acme',
    entity: { kind: 'run', id: 'run_00_1' },
    version: 2,
    tenantIndex: 7,
    tenantPrev: sha256('before'),
    salt: newSalt(),
    key,
    causationId: 'frame:1',
    correlationId: 'run_00_1',
    actor: { kind: 'user', id: 'surrogate', name: 'SECRET alice' },
    at: 1,
    trace: '',
    decisions: [
      {
        entry: 'summit/action/decision',
        policy: sha256('policy'),
        verdict: 'deny',
        input: '{"question":"SECRET"}',
        reasons: ['SECRET reason'],
        obligations: [{ id: '1', type: 'log', params: { text: 'SECRET' } }],
      },
    ],
    events: [
      { type: 'RunPaused', v: 1, basis: 0 },
      { type: 'RunCompleted', v: 1, basis: 'outcome', data: { output: { text: 'SECRET ü🎈 ,"sealed":"' } } },
    ],
  };
}

describe('a commit, encoded', () => {
  it('[I9] holds nothing that people wrote in clear, and reads back as it was', () => {
    const commit = commitUnder(vault.takeThreadKey('acme'));
    const encoded = encodeCommit(0, commit, vault);
    const line = lineText(encoded);
    expect(line).not.toContain('SECRET');
    expect(encoded).toMatchObject({ id: '00-acme-7', digest: sha256(encoded.line) });
    expect(decodeCommit(0, line, vault)).toEqual({ id: '00-acme-7', commit, erased: false });
  });

  it('carries the command that it answers, sealed', () => {
    const command = { user: 'SECRET', id: 'c1', digest: sha256('body'), answer: { runId: 'r' } };
    const commit = { ...commitUnder(vault.tenantKey('acme')), command };
    const line = lineText(encodeCommit(0, commit, vault));
    expect(line).not.toContain('SECRET');
    expect(decodeCommit(0, line, vault).commit).toEqual(commit);
  });

  it('[I6] reads without its sealed parts once the key is destroyed, its digest unchanged', async () => {
    const commit = commitUnder(vault.takeThreadKey('acme'));
    const line = lineText(encodeCommit(0, commit, vault));
    await keys.destroy('acme', commit.key);
    const { commit: read, erased } = decodeCommit(0, line, vault);
    expect(erased).toBe(true);
    expect(read.actor).toEqual({ kind: 'user', id: 'surrogate' });
    expect(read.decisions).toEqual([
      { entry: 'summit/action/decision', policy: commit.decisions[0]?.policy, verdict: 'deny' },
    ]);
    expect(read.events).toEqual([
      { type: 'RunPaused', v: 1, basis: 0 },
      { type: 'RunCompleted', v: 1, basis: 'outcome' },
    ]);
  });

  it('[C5.2] does not open when any clear member was changed, or in another partition', () => {
    const line = lineText(encodeCommit(0, commitUnder(vault.takeThreadKey('acme')), vault));
    const broken = expect.objectContaining({ code: 'SEAL_BROKEN' });
    for (const changed of [
      line.replace('"version":2', '"version":3'),
      line.replace('RunPaused', 'RunResumed'),
    ]) {
      expect(() => decodeCommit(0, changed, vault)).toThrow(broken);
    }
    expect(() => decodeCommit(1, line, vault)).toThrow(broken);
  });
});
