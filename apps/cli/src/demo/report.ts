/** What `summit demo --json` prints. Every figure is read from the system that ran. */
export interface DemoReport {
  readonly ok: boolean;
  readonly runId: string;
  readonly threadId: string;
  readonly tenant: string;
  /** Tools and models that were called. */
  readonly steps: number;
  readonly killed: { readonly executor: number };
  /** By the shop's own tables. */
  readonly effects: { readonly refunds: number; readonly emails: number };
  readonly approval: { readonly id: string; readonly decision: string; readonly modified: boolean };
  readonly journal: {
    readonly partitions: number;
    readonly groups: number;
    readonly commits: number;
    readonly events: number;
  };
  readonly audit: { readonly treeSize: number; readonly verified: boolean };
  readonly provenance: { readonly nodes: number; readonly edges: number };
  /** Lag: groups of the journal that are not in it yet. */
  readonly projections: {
    readonly postgres: { readonly lag: number };
    readonly neo4j: { readonly lag: number };
  };
  readonly urls: {
    readonly api: string | null;
    readonly console: string | null;
    readonly neo4jBrowser: string | null;
  };
  /** Of the whole, and from the executor's death until the other one called again. */
  readonly ms: { readonly total: number; readonly resume: number };
}
