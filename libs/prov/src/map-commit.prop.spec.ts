import { describe, expect, it } from '@jest/globals';
import { type AnyEvent, type Commit, type Decision } from '@summit/events';
import fc from 'fast-check';
import { anyEvent } from './any-event.fixture.ts';
import { Commits, merged, POLICY, refundRun, RUN } from './commits.fixture.ts';
import { classOf, type NodeKind, RELATIONS } from './terms.ts';
import { toProvJson } from './prov-json.ts';
import { toProvJsonld } from './prov-jsonld.ts';
import { toProvN } from './provn.ts';
import { unfold } from './unfold.ts';

const decision: fc.Arbitrary<Decision> = fc.record({
  entry: fc.constant('summit/action/decision'),
  policy: fc.constant(POLICY),
  verdict: fc.constantFrom('allow', 'deny', 'require_approval', 'transform'),
});
const entity: fc.Arbitrary<Commit['entity']> = fc.record({
  kind: fc.constantFrom('run', 'thread', 'partition', 'catalogue'),
  id: fc.constantFrom(RUN, 'acme', '0'),
});
const erasedEvent = (event: AnyEvent): AnyEvent => ({ ...event, data: undefined });

/** Commits that the schemas allow, whether or not an engine would ever write them. */
const commits = fc
  .array(
    fc.record({
      events: fc.array(anyEvent(), { maxLength: 5 }),
      decisions: fc.array(decision, { maxLength: 3 }),
      entity,
      erased: fc.boolean(),
      actor: fc.record({
        kind: fc.constantFrom('user', 'executor', 'leader'),
        id: fc.string({ maxLength: 300 }),
      }),
    }),
    { maxLength: 4 },
  )
  .map((drawn) =>
    drawn.reduce((all, { events, erased, ...over }) => {
      return all.add(erased ? events.map(erasedEvent) : events, over, erased);
    }, new Commits()),
  );

describe('mapping a commit', () => {
  it('[I7] is total, erased commits included, and the same each time', () => {
    fc.assert(
      fc.property(commits, (all) => {
        expect(all.graphs()).toEqual(all.graphs());
      }),
    );
  });

  it('[C4.4] gives every node and edge an event of its commit as cause', () => {
    fc.assert(
      fc.property(commits, (all) => {
        const graphs = all.graphs();
        for (const [i, { id, commit }] of all.all.entries()) {
          const known = new Set(commit.events.map((_, n) => `${id}.${String(n)}`));
          const { nodes, edges } = graphs[i] ?? merged([]);
          for (const { event, tenant } of [...nodes, ...edges]) {
            expect([known.has(event), tenant]).toEqual([true, 'acme']);
          }
        }
      }),
    );
  });

  it('[C5.3] leaves no decision out that an event stands on', () => {
    fc.assert(
      fc.property(commits, (all) => {
        const graphs = all.graphs();
        for (const [i, { id, commit }] of all.all.entries()) {
          if (commit.entity.kind !== 'run') continue;
          const { nodes } = graphs[i] ?? merged([]);
          const told = new Set(nodes.flatMap((node) => [node.id, node.facts['decision']]));
          const wanting = commit.decisions.flatMap(({ verdict }, n) => {
            const used = commit.events.some(({ basis }) => basis === n);
            return used && verdict !== 'allow' && !told.has(`acme/decision/${id}/${String(n)}`) ? [n] : [];
          });
          expect(wanting).toEqual([]);
        }
      }),
    );
  });

  it('[C5.3] joins only what the relation may join', () => {
    fc.assert(
      fc.property(commits, (all) => {
        const { nodes, edges } = all.graph();
        const kinds = new Map<string, NodeKind>(nodes.map(({ id, kind }) => [id, kind]));
        for (const { relation, from, to } of edges) {
          const [one, other] = [kinds.get(from), kinds.get(to)];
          if (one) expect(classOf(one)).toBe(RELATIONS[relation].from);
          if (other) expect(classOf(other)).toBe(RELATIONS[relation].to);
        }
      }),
    );
  });

  it('[I7] of commits whose shared things come in any order gives the same nodes and edges', () => {
    const whole = refundRun().graphs();
    fc.assert(
      fc.property(fc.shuffledSubarray(whole, { minLength: whole.length }), (shuffled) => {
        const ids = ({ nodes, edges }: ReturnType<typeof merged>) =>
          [...nodes.map(({ id }) => id), ...edges.map(({ from, to }) => `${from} ${to}`)].sort();
        expect(ids(merged(shuffled))).toEqual(ids(merged(whole)));
      }),
    );
  });
});

it('every graph can be written in every notation', () => {
  fc.assert(
    fc.property(commits, (all) => {
      const document = unfold('acme', all.graph());
      expect(toProvN(document)).toMatch(/^document\n[^]*\nendDocument\n$/);
      expect(JSON.parse(JSON.stringify(toProvJson(document)))).toEqual(toProvJson(document));
      expect(JSON.parse(JSON.stringify(toProvJsonld(document)))).toEqual(toProvJsonld(document));
    }),
  );
});
