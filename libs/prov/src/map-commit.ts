import { type AnyEvent } from '@summit/events';
import { mapCatalogueEvent } from './catalogue.ts';
import { decisionNode, foldedDecisions } from './decisions.ts';
import { Draft, type DraftOptions } from './draft.ts';
import { RunDraft } from './run-draft.ts';
import { mapRunEvent } from './runs.ts';
import { mapThreadEvent } from './state.ts';
import { type ProvGraph } from './terms.ts';

/**
 * What a commit says of provenance: nodes, edges from effect to cause, and facts that it adds to earlier nodes.
 * Total over every commit, erased ones too, and a function of the commit alone. [I7] [C4.4]
 *
 * A step that policy simply allowed and that brought a result is two nodes and two edges: its attempt (which holds
 * decision, executor and arguments as facts) and its result. {@link unfold} gives them their full form.
 */
export function mapCommit(options: DraftOptions): ProvGraph {
  const draft = new Draft(options);
  const map = mapperOf(draft);
  const folded = foldedDecisions(draft.commit);
  for (const [n, event] of draft.commit.events.entries()) {
    draft.because(n);
    map(event);
    decide(draft, event, folded);
  }
  return draft.graph();
}

/** A decision that no rule above has placed is told of all the same: of the run, where it is about one. */
function decide(draft: Draft, { basis }: AnyEvent, folded: ReadonlySet<number>): void {
  if (typeof basis !== 'number' || folded.has(basis)) return;
  if (draft.has(draft.ids.decision(draft.commitId, basis))) return;
  const { kind, id } = draft.commit.entity;
  decisionNode(draft, basis, kind === 'run' ? { activity: draft.ids.run(id) } : {});
}

function mapperOf(draft: Draft): (event: AnyEvent) => void {
  const { kind } = draft.commit.entity;
  switch (kind) {
    case 'run': {
      const run = new RunDraft(draft);
      return (event) => {
        mapRunEvent(run, event);
      };
    }
    case 'catalogue':
      return (event) => {
        mapCatalogueEvent(draft, event);
      };
    case 'thread':
      return (event) => {
        mapThreadEvent(draft, event);
      };
    default:
      return () => undefined; // of the partition itself
  }
}
