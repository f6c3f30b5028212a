import { describe, expect, it } from '@jest/globals';
import {
  allow,
  allowAgain,
  Commits,
  deny,
  digest,
  events,
  merged,
  POLICY,
  refundRun,
  RUN,
  RUN_ID,
} from './commits.fixture.ts';
import { type Json } from '@summit/kernel';
import { violations } from './constraints.ts';
import { mapCommit } from './map-commit.ts';
import { unfold } from './unfold.ts';
import { type ProvGraph } from './terms.ts';

const edgesOf = ({ edges }: ProvGraph): string[] =>
  edges.map(({ from, relation, to }) => `${short(from)} ${relation} ${short(to)}`);
const short = (id: string): string => id.replace(RUN_ID, 'run').replace(/^acme\//, '');
const nodeOf = ({ nodes }: ProvGraph, id: string) => nodes.find((node) => short(node.id) === id);

describe('a run', () => {
  it('[C5.3] comes from who asked for it, its input, its code and the decision that let it start', () => {
    const [graph = merged([])] = refundRun().graphs();
    expect(edgesOf(graph)).toEqual(
      expect.arrayContaining([
        `run WAS_ASSOCIATED_WITH user/${'ab'.repeat(16)}`,
        'run WAS_ASSOCIATED_WITH executor/ex-1',
        `user/${'ab'.repeat(16)} ACTED_ON_BEHALF_OF organisation`,
        'run HAD_PLAN workflow/refund/1',
        'run USED run/input',
        'run USED decision/00-acme-0/0',
        'decision/00-acme-0/0 WAS_GENERATED_BY decision/00-acme-0/0/making',
        'decision/00-acme-0/0/making WAS_ASSOCIATED_WITH policy-engine',
        `decision/00-acme-0/0/making USED policy/${POLICY}`,
      ]),
    );
  });

  it('shows how it ended on its own node', () => {
    expect(nodeOf(refundRun().graph(), 'run')?.facts).toMatchObject({ status: 'completed', name: 'refund' });
  });
});

describe('a payload', () => {
  /** Arrays in arrays. */
  const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);

  it.each<[string, Json]>([
    ['half a surrogate pair', 'cut \ud83d'],
    ['a member named by half of one', { 'k\ud83d': 1 }],
    ['hundreds of levels', nested(250)],
  ])('that has no canonical text is measured as it is: %s', (_what, output) => {
    const completed = {
      type: 'StepCompleted',
      v: 1,
      basis: 'outcome',
      step: 0,
      attempt: 1,
      data: { output },
    } as const;
    const graph = new Commits().add([completed]).graph();
    expect(nodeOf(graph, 'run/step/0/result')?.facts).toMatchObject({
      digest: `acme:${String(JSON.stringify(output).length)}`,
    });
  });
});

describe('a step', () => {
  it('[C5.3] that policy simply allowed is two nodes and two edges', () => {
    const [, proposed, next] = refundRun().graphs();
    expect(edgesOf(proposed ?? merged([]))).toEqual(['run/step/0/attempt/1 WAS_INFORMED_BY run']);
    expect(edgesOf(next ?? merged([]))).toEqual([
      'run/step/0/result WAS_GENERATED_BY run/step/0/attempt/1',
      'run/step/1/attempt/1 WAS_INFORMED_BY run',
    ]);
    expect([proposed?.nodes.length, next?.nodes.length]).toEqual([1, 2]);
    expect(proposed?.nodes[0]?.facts).toMatchObject({
      name: 'payments.refund',
      verdict: 'allow',
      policy: `acme/policy/${POLICY}`,
      decision: 'acme/decision/00-acme-1/0',
      executor: 'acme/executor/ex-1',
    });
  });

  it('[C5.3] that was denied has its proposal, the decision about it, and what the run was told', () => {
    const graph = refundRun().graph();
    expect(edgesOf(graph)).toEqual(
      expect.arrayContaining([
        'run/step/4/proposal WAS_GENERATED_BY run',
        'decision/00-acme-4/1/making USED run/step/4/proposal',
        'event/00-acme-4.2 WAS_GENERATED_BY decision/00-acme-4/1/making',
        'event/00-acme-4.2 WAS_DERIVED_FROM run/step/4/proposal',
      ]),
    );
    expect(nodeOf(graph, 'event/00-acme-4.2')?.facts).toMatchObject({ code: 'POLICY_DENIED' });
  });

  it('that is tried again points to the attempt before', () => {
    const [, graph = merged([])] = new Commits()
      .add([events.created], { decisions: [allow] })
      .add([events.permit(0, 2, 0)], { decisions: [allowAgain] })
      .graphs();
    expect(edgesOf(graph)).toContain('run/step/0/attempt/2 WAS_INFORMED_BY run/step/0/attempt/1');
    const tool = { stepKind: 'tool', effect: 'idempotent', tool: 'c'.repeat(64) };
    expect(nodeOf(graph, 'run/step/0/attempt/2')?.facts).toMatchObject({ name: 'payments.refund', ...tool });
  });

  it('whose key is gone goes by its number', () => {
    const graph = new Commits().add([events.permit(3, 2, 0)], { decisions: [allow] }, true).graph();
    expect(nodeOf(graph, 'run/step/3/attempt/2')?.facts).toMatchObject({ name: 'step 3', step: 3 });
  });
});

describe('the state of a conversation', () => {
  it('[C4.4] is a chain of revisions, each naming the event that made it', () => {
    const graph = refundRun().graph();
    expect(edgesOf(graph)).toContain('thread/k1/state/2 WAS_DERIVED_FROM thread/k1/state/1');
    expect(nodeOf(graph, 'thread/k1/state/2')?.event).toBe('00-acme-4.0');
  });
});

describe('people', () => {
  const user = { kind: 'user', id: 'cd'.repeat(16) } as const;
  const person = `user/${user.id}`;

  it('[C3.3] who correct the state stand behind the revision, with a run and without', () => {
    for (const entity of [
      { kind: 'run', id: RUN },
      { kind: 'thread', id: 'th' },
    ] as const) {
      const all = new Commits().add([events.patched(2)], { entity, actor: user, decisions: [allow] });
      expect(edgesOf(all.graph())).toEqual(
        expect.arrayContaining([
          `event/00-acme-0.0 WAS_ASSOCIATED_WITH ${person}`,
          'thread/k1/state/2 WAS_GENERATED_BY event/00-acme-0.0',
          `thread/k1/state/2 WAS_ATTRIBUTED_TO ${person}`,
          'thread/k1/state/2 WAS_DERIVED_FROM thread/k1/state/1',
        ]),
      );
    }
  });

  it('[C3.2] who approve stand between the question that policy asked and the attempt', () => {
    const graph = merged(approvedRun().graphs());
    expect(edgesOf(graph)).toEqual(
      expect.arrayContaining([
        'approval/apr_1 WAS_DERIVED_FROM run/step/0/proposal',
        'approval/apr_1 WAS_DERIVED_FROM decision/00-acme-1/0',
        'event/00-acme-2.0 USED approval/apr_1',
        `event/00-acme-2.0 WAS_ASSOCIATED_WITH ${person}`,
        'run/step/0/attempt/1 WAS_INFORMED_BY event/00-acme-2.0',
        'run/step/0/attempt/1 USED run/step/0/proposal',
      ]),
    );
    expect(nodeOf(graph, 'approval/apr_1')?.facts).toMatchObject({ status: 'approved' });
    expect(nodeOf(graph, 'run/step/0/attempt/1')?.facts).toMatchObject({ name: 'payments.refund', step: 0 });
    expect(lostEdges(graph)).toEqual([]);
    expect(violations(unfold('acme', graph))).toEqual([]);
  });

  function approvedRun(): Commits {
    const hash = 'a'.repeat(64);
    const of = { v: 1, approval: 'apr_1', step: 0, actionHash: hash } as const;
    const asked = { roles: ['reviewer'], shown: {}, reasons: [], separation: true, name: 'payments.refund' };
    const requested = {
      type: 'ApprovalRequested',
      ...of,
      basis: 0,
      quorum: 1,
      about: 'action',
      data: asked,
    } as const;
    const answer = { decision: 'approve', outcome: 'approved' } as const;
    const data = { roles: ['reviewer'] };
    return new Commits()
      .add([events.created, events.assigned], { actor: user, decisions: [allow] })
      .add([events.proposed(0, 0), requested], { decisions: [{ ...allow, verdict: 'require_approval' }] })
      .add([{ type: 'ApprovalDecided', ...of, basis: 0, ...answer, data }, events.permit(0, 1, 1)], {
        actor: user,
        decisions: [allow, allowAgain],
      });
  }
});

it('[C5.3] no edge of a history leads to what the history does not hold', () => {
  expect(lostEdges(refundRun().graph())).toEqual([]);
});

function lostEdges({ nodes, edges }: ProvGraph): string[] {
  const known = new Set(nodes.map(({ id }) => id));
  return edges.flatMap(({ from, relation, to }) =>
    known.has(from) && known.has(to) ? [] : [`${from} ${relation} ${to}`],
  );
}

describe('payloads', () => {
  it('[I9] stand in the graph by keyed digest, size and type alone', () => {
    const graph = refundRun().graph();
    expect(JSON.stringify(graph)).not.toMatch(/A-17|4200|alice|orderId/);
    expect(nodeOf(graph, 'run/input')?.facts).toMatchObject({ type: 'object', bytes: 18 });
  });

  it('whose key is gone are invalidated, and name nothing', () => {
    const graph = new Commits()
      .add([{ ...events.created, data: undefined }], { decisions: [allow] }, true)
      .graph();
    expect(nodeOf(graph, 'run/input')?.facts).toMatchObject({ erased: true });
    expect(edgesOf(graph)).toContain('run/input WAS_INVALIDATED_BY erasure/k1');
  });
});

describe('a refused command', () => {
  it('[C5.1] stands with its decision, and who sent it', () => {
    const error = { code: 'POLICY_DENIED', message: 'no' };
    const data = { command: 'run.start', target: 'refund', error };
    const graph = new Commits()
      .add([{ type: 'CommandDenied', v: 1, basis: 0, data }], {
        entity: { kind: 'catalogue', id: 'acme' },
        decisions: [deny],
      })
      .graph();
    expect(edgesOf(graph)).toContain('decision/00-acme-0/0/making WAS_INFORMED_BY event/00-acme-0.0');
  });
});

it('[I8] everything a commit brings belongs to its tenant', () => {
  const { all } = refundRun();
  for (const decoded of all) {
    const other = { ...decoded, commit: { ...decoded.commit, tenant: 'Other Co' } };
    const { nodes, edges } = mapCommit({ decoded: other, digest });
    for (const { id, tenant } of nodes)
      expect([id.split('/')[0], tenant]).toEqual(['=4fther=20=43o', 'Other Co']);
    for (const { from, to } of edges)
      expect([from, to].every((id) => id.startsWith('=4fther=20=43o/'))).toBe(true);
  }
});
