import { type Commit, encodeCommit, lineText } from '@summit/events';
import { sha256 } from '@summit/kernel';
import { MemoryKeyStore, Vault } from '@summit/vault';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readGroups } from './read-groups.ts';

let store: MemoryKeyStore;
let vault: Vault;
beforeAll(async () => {
  store = new MemoryKeyStore();
  vault = new Vault(store);
  await Promise.all(['acme', 'other', '_system'].map((tenant) => vault.prepare(tenant)));
});

/** A group with a completed run of each tenant. */
function group(...tenants: readonly string[]) {
  const commits = tenants.map((tenant) => {
    const commit: Commit = {
      ...{ tenant, entity: { kind: 'run', id: `run-of-${tenant}` }, version: 1, tenantIndex: 0 },
      ...{ tenantPrev: '0'.repeat(64), salt: '0'.repeat(32), key: vault.takeThreadKey(tenant) },
      ...{ causationId: '', correlationId: '', actor: { kind: 'executor', id: 'ex' }, at: 1_000, trace: '' },
      decisions: [],
      events: [{ type: 'RunCompleted', v: 1, basis: 'outcome', data: { output: 'a secret' } }],
    };
    const line = lineText(encodeCommit(0, commit, vault));
    return { line, digest: sha256(line) };
  });
  const header = { v: 1, partition: 0, generation: 1, epoch: 1, groupId: 'g', prev: '0'.repeat(64) } as const;
  return { sequence: 1, header, headerLine: '', commits, digest: '0'.repeat(64) };
}

const read = (groups: readonly ReturnType<typeof group>[], tenant = 'acme') =>
  readGroups(groups, { partition: 0, tenant, vault });

describe('groups of the journal', () => {
  it("[I8] bring one tenant's provenance; what others wrote is not even opened", () => {
    const opened: string[] = [];
    const watching = {
      open: (...args: Parameters<Vault['open']>) => (opened.push(args[0].tenant), vault.open(...args)),
      surrogate: vault.surrogate.bind(vault),
    };
    const graphs = readGroups([group('other', 'acme', '_system')], {
      partition: 0,
      tenant: 'acme',
      vault: watching,
    });
    expect(opened).toEqual(['acme']);
    expect(graphs.flatMap(({ nodes }) => nodes.map(({ tenant }) => tenant))).toEqual(['acme']);
    expect(read([group('other', '_system')])).toEqual([]);
  });

  it("[I9] show a payload by a digest that only the tenant's key makes", () => {
    const [acme, other] = ['acme', 'other'].map(
      (tenant) => read([group(tenant)], tenant)[0]?.nodes[0]?.facts,
    );
    expect(acme?.['bytes']).toBe(other?.['bytes']);
    expect(acme?.['digest']).not.toBe(other?.['digest']);
    expect(acme?.['digest']).not.toContain(sha256('"a secret"').slice(0, 32));
  });

  it('[I7] are read the same each time, and after their keys are gone without what was said', async () => {
    const one = group('acme');
    expect(read([one])).toEqual(read([one]));
    const key = /"key":"([^"]+)"/.exec(one.commits[0]?.line ?? '')?.[1] ?? '';
    await store.destroy('acme', key);
    const [output] = read([one])[0]?.nodes ?? [];
    expect(output?.facts).toMatchObject({ erased: true });
    expect(output?.facts).not.toHaveProperty('digest');
  });
});
