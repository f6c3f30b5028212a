import { type z } from 'zod';
import { type lineageSchema } from './verbs/lineage.ts';

type LineageSaid = z.infer<typeof lineageSchema>;
type NodeSaid = LineageSaid['nodes'][number];

/** A lineage as trees: what was asked for first, then whatever belongs to it and was not told yet. Each node once. */
export function lineageText(lineage: LineageSaid, direction: 'up' | 'down'): string {
  const trees = new Trees(lineage, direction);
  for (const id of lineage.start) trees.grow(id);
  trees.growRest();
  const more = lineage.truncated ? ['… there is more: give --depth'] : [];
  return [...trees.lines, ...more].join('\n');
}

/** What a reader has to know of the people in it; nothing where there are none. */
export function peopleText({ nodes }: LineageSaid): string {
  if (!nodes.some(({ kind }) => kind === 'User')) return '';
  return (
    'People go by surrogates: the graph holds no names of people, so that erasing a key erases them.\n' +
    'summit journal show RUN --json names them, for whoever holds the keys.'
  );
}

interface Branch {
  readonly relation: string;
  readonly id: string;
}

class Trees {
  readonly lines: string[] = [];
  readonly #nodes: ReadonlyMap<string, NodeSaid>;
  readonly #branches = new Map<string, Branch[]>();
  readonly #pointedAt = new Map<string, Set<string>>();
  readonly #told = new Set<string>();
  readonly #arrow: string;

  constructor({ nodes, edges }: LineageSaid, direction: 'up' | 'down') {
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.#arrow = direction === 'up' ? '' : '← ';
    for (const { relation, from, to, facts } of edges) {
      const [parent, child] = direction === 'up' ? [from, to] : [to, from];
      const role = facts['role'] === undefined ? '' : ` (${String(facts['role'])})`;
      const branch = { relation: `${this.#arrow}${relation}${role}`, id: child };
      this.#branches.set(parent, [...(this.#branches.get(parent) ?? []), branch]);
      this.#pointedAt.set(child, (this.#pointedAt.get(child) ?? new Set()).add(parent));
    }
  }

  grow(id: string, lead = '', label = ''): void {
    const node = this.#nodes.get(id);
    if (!node) return;
    const known = this.#told.has(id);
    this.lines.push(`${label}${describe(node)}${known ? '  (above)' : ''}`);
    if (known) return;
    this.#told.add(id);
    const branches = this.#branches.get(id) ?? [];
    for (const [i, branch] of branches.entries()) {
      const last = i === branches.length - 1;
      this.grow(
        branch.id,
        `${lead}${last ? '   ' : '│  '}`,
        `${lead}${last ? '└─ ' : '├─ '}${branch.relation} `,
      );
    }
  }

  /** Newest effects first: their trees reach what lies behind them. */
  growRest(): void {
    const left = (): NodeSaid[] => [...this.#nodes.values()].filter(({ id }) => !this.#told.has(id));
    for (const { id } of left()) {
      const parents = [...(this.#pointedAt.get(id) ?? [])].filter((parent) => !this.#told.has(parent));
      if (parents.length === 0 && !this.#told.has(id)) this.grow(id);
    }
    for (const { id } of left()) this.grow(id);
  }
}

/** Facts that are worth a glance. */
const SHOWN = ['status', 'verdict', 'code', 'attempt', 'effect', 'outcome', 'bytes', 'count'];

function describe({ kind, facts, event }: NodeSaid): string {
  const shown = SHOWN.flatMap((name) => {
    const value = facts[name];
    if (value === undefined || value === facts['name']) return [];
    return [typeof value === 'string' ? value : `${name} ${String(value)}`];
  });
  const said = shown.length > 0 ? ` [${shown.join(', ')}]` : '';
  return `${kind} ${String(facts['name'] ?? '')}${said}  ${event}`;
}
