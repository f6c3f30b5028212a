import { describe, expect, it } from '@jest/globals';
import { lineageText, peopleText } from './lineage-text.ts';

const caused = { tenant: 'acme', event: '00-acme-1.0', at: '2026-11-22T20:00:00.000Z' };
const node = (id: string, kind: string, facts = {}) => ({
  id,
  kind,
  facts: { name: id, ...facts },
  ...caused,
});
const edge = (from: string, relation: string, to: string, facts = {}) => ({
  from,
  relation,
  to,
  facts,
  ...caused,
});

const lineage = {
  start: ['run'],
  nodes: [
    node('run', 'Run', { status: 'completed' }),
    node('alice', 'User'),
    node('call', 'Attempt', { verdict: 'allow', attempt: 1 }),
    node('result', 'Result', { bytes: 7 }),
  ],
  edges: [
    edge('run', 'WAS_ASSOCIATED_WITH', 'alice', { role: 'requester' }),
    edge('call', 'WAS_INFORMED_BY', 'run'),
    edge('result', 'WAS_GENERATED_BY', 'call'),
  ],
  truncated: false,
};

describe('a lineage for people', () => {
  it('[C5.3] up: what was asked for with its causes, then the effects that lead to it', () => {
    expect(lineageText(lineage, 'up').split('\n')).toEqual([
      'Run run [completed]  00-acme-1.0',
      '└─ WAS_ASSOCIATED_WITH (requester) User alice  00-acme-1.0',
      'Result result [bytes 7]  00-acme-1.0',
      '└─ WAS_GENERATED_BY Attempt call [allow, attempt 1]  00-acme-1.0',
      '   └─ WAS_INFORMED_BY Run run [completed]  00-acme-1.0  (above)',
    ]);
  });

  it('[C5.3] down: what came of it', () => {
    const down = lineageText({ ...lineage, truncated: true }, 'down').split('\n');
    expect(down.slice(0, 3)).toEqual([
      'Run run [completed]  00-acme-1.0',
      '└─ ← WAS_INFORMED_BY Attempt call [allow, attempt 1]  00-acme-1.0',
      '   └─ ← WAS_GENERATED_BY Result result [bytes 7]  00-acme-1.0',
    ]);
    expect(down.at(-1)).toContain('there is more');
  });

  it('[I9] says why people bear no names, and who can tell them, where there are people', () => {
    expect(peopleText(lineage)).toContain('surrogates');
    expect(peopleText(lineage)).toContain('summit journal show RUN --json');
    expect(peopleText({ ...lineage, nodes: lineage.nodes.filter(({ kind }) => kind !== 'User') })).toBe('');
  });

  it('ends where things lead back to themselves', () => {
    const edges = [...lineage.edges, edge('run', 'USED', 'result')];
    expect(lineageText({ ...lineage, edges }, 'up').split('\n')).toHaveLength(5);
  });
});
