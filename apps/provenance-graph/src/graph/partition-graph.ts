import { type FollowedGroup, type JournalPosition, positionAfter, type Projection } from '@summit/journal';
import { type LineageGraph, type Written } from '@summit/lineage-neo4j';
import { type GraphVault, readGroups } from './read-groups.ts';

export interface PartitionGraphOptions {
  readonly partition: number;
  readonly tenant: string;
  readonly vault: GraphVault;
  /** Rejects with `GRAPH_UNREACHABLE`. */
  readonly graph: () => Promise<LineageGraph>;
  /** After each batch. */
  readonly onWritten: (written: Written) => void;
}

/** What one partition's journal says of a tenant's provenance; position and content in one transaction. // I7 */
export class PartitionGraph implements Projection {
  readonly #options: PartitionGraphOptions;

  constructor(options: PartitionGraphOptions) {
    this.#options = options;
  }

  async position(): Promise<JournalPosition | undefined> {
    const { partition, graph } = this.#options;
    return (await graph()).position(partition);
  }

  async apply(groups: readonly FollowedGroup[], from: JournalPosition): Promise<void> {
    const last = groups.at(-1);
    if (!last) return;
    const { partition, graph, onWritten } = this.#options;
    const graphs = readGroups(groups, this.#options);
    onWritten(await (await graph()).apply({ partition, from, to: positionAfter(last), graphs }));
  }
}
