import { type AnyEvent, type Commit, type DecodedCommit, type Decision } from '@summit/events';
import { mapCommit } from './map-commit.ts';
import { type ProvGraph } from './terms.ts';

export const RUN = 'run_00_000000000aaaaaaaa';
export const RUN_ID = `acme/run/${RUN}`;
export const POLICY = 'b'.repeat(64);
export const allow: Decision = { entry: 'summit/action/decision', policy: POLICY, verdict: 'allow' };
export const deny: Decision = { ...allow, verdict: 'deny' };
/** What policy was asked about another attempt, or about what people agreed to. */
const again = {
  kind: 'tool',
  name: 'payments.refund',
  effect: 'idempotent',
  tool: 'c'.repeat(64),
  attempt: 2,
};
export const allowAgain: Decision = { ...allow, input: JSON.stringify({ action: again, v: 1 }) };

/** Stands for the keyed digest of the vault. */
export const digest = (tenant: string, text: string): string => `${tenant}:${String(text.length)}`;

/** Commits of one tenant in one partition, numbered as they come. */
export class Commits {
  readonly all: DecodedCommit[] = [];
  at = 1_795_373_709_000;

  add(events: readonly AnyEvent[], over: Partial<Commit> = {}, erased = false): this {
    const tenantIndex = this.all.length;
    this.at += 5;
    const commit: Commit = {
      tenant: 'acme',
      entity: { kind: 'run', id: RUN },
      version: tenantIndex + 1,
      tenantIndex,
      tenantPrev: '0'.repeat(64),
      salt: '0'.repeat(32),
      key: 'k1',
      causationId: 'x',
      correlationId: RUN,
      actor: { kind: 'executor', id: 'ex-1' },
      at: this.at,
      trace: '',
      decisions: [],
      events,
      ...over,
    };
    this.all.push({ id: `00-acme-${String(tenantIndex)}`, commit, erased });
    return this;
  }

  graphs(): ProvGraph[] {
    return this.all.map((decoded) => mapCommit({ decoded, digest }));
  }

  graph(): ProvGraph {
    return merged(this.graphs());
  }
}

/** Several graphs as a store would hold them: shared things once, by their earliest cause; changes applied. */
export function merged(graphs: readonly ProvGraph[]): ProvGraph {
  const nodes = new Map<string, ProvGraph['nodes'][number]>();
  const edges = new Map<string, ProvGraph['edges'][number]>();
  for (const graph of graphs) {
    for (const node of graph.nodes) if (!nodes.has(node.id)) nodes.set(node.id, node);
    for (const edge of graph.edges) {
      const key = `${edge.from} ${edge.relation} ${edge.to} ${edge.shared ? '' : edge.event}`;
      if (!edges.has(key)) edges.set(key, edge);
    }
    for (const { id, facts } of graph.changes) {
      const node = nodes.get(id);
      if (node) nodes.set(id, { ...node, facts: { ...node.facts, ...facts } });
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()], changes: [] };
}

const user = { kind: 'user', id: 'ab'.repeat(16), name: 'alice' } as const;
const data = { workflow: 'refund', version: '1', threadId: 't1', input: { orderId: 'A-17' }, seed: '00' };
const args = { orderId: 'A-17', amountCents: 4200 };
const proposed = (step: number, basis: number): AnyEvent => ({
  ...{ type: 'StepProposed', v: 1, basis, step, kind: 'tool', effect: 'idempotent' },
  ...{ actionHash: 'a'.repeat(64), tool: 'c'.repeat(64), timeoutMs: 1000 },
  data: { stepKey: `payments.refund#${String(step)}`, name: 'payments.refund', args },
});
const permit = (step: number, attempt: number, basis: number): AnyEvent => ({
  ...{ type: 'PermitGranted', v: 1, basis, step, attempt, executor: 'ex-1' },
  ...{ leaderEpoch: 1, assignment: 1, actionHash: 'a'.repeat(64) },
});
const completed = (step: number, attempt: number): AnyEvent => ({
  ...{ type: 'StepCompleted', v: 1, basis: 'outcome', step, attempt, at: 1 },
  data: { output: { refundId: 'r-1' } },
});

/** Events by what they are called in tests. */
export const events = {
  created: { type: 'RunCreated', v: 1, basis: 0, thread: 'th', data } satisfies AnyEvent,
  assigned: {
    ...{ type: 'RunAssigned', v: 1, basis: 'assignment', executor: 'ex-1' },
    ...{ leaderEpoch: 1, assignment: 1, kept: false },
  } as const satisfies AnyEvent,
  proposed,
  permit,
  completed,
  denied: (step: number, basis: number): AnyEvent => ({
    ...{ type: 'StepDenied', v: 1, basis, step },
    data: { error: { code: 'POLICY_DENIED', message: 'no' } },
  }),
  patched: (stateVersion: number, step?: number): AnyEvent => ({
    ...{
      type: 'StatePatched',
      v: 1,
      basis: 0,
      stateVersion,
      ...(step !== undefined && { step }),
      actionHash: 'a'.repeat(64),
    },
    data: { patch: [{ op: 'add', path: '/a', value: 1 }] },
  }),
  ended: { type: 'RunCompleted', v: 1, basis: 0, data: { output: 'done' } } satisfies AnyEvent,
};

/** A run that calls a tool twice, patches the state, is denied something, and completes. */
export function refundRun(): Commits {
  return new Commits()
    .add([events.created, events.assigned], { actor: user, decisions: [allow] })
    .add([proposed(0, 0), permit(0, 1, 0)], { decisions: [allow] })
    .add([completed(0, 1), proposed(1, 0), permit(1, 1, 0)], { decisions: [allow] })
    .add([completed(1, 1), events.patched(1, 2)], { decisions: [allow] })
    .add([events.patched(2, 3), proposed(4, 1), events.denied(4, 1)], { decisions: [allow, deny] })
    .add([events.ended], { decisions: [allow] });
}
