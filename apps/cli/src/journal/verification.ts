import { checkPartition, type PartitionReport, type TenantReport } from './check-partition.ts';
import { type DecisionCheck, type DecisionReport } from './check-decisions.ts';
import { type JournalMaterial } from './material.ts';
import { type Fault, faultText } from './place.ts';

/** What `summit verify` found. */
export interface Verification {
  readonly ok: boolean;
  readonly partitions: readonly Omit<PartitionReport, 'tenants' | 'fault'>[];
  readonly tenants: readonly TenantReport[];
  readonly decisions?: DecisionReport;
  /** Of a run that was asked for: its commits, each a leaf under a signed root. */
  readonly run?: { readonly id: string; readonly commits: readonly string[] };
  readonly faults: readonly Fault[];
  /** What could not be checked, as sentences. */
  readonly unchecked: readonly string[];
}

export interface Verify {
  readonly material: JournalMaterial;
  /** Believed, whatever the material says. */
  readonly trusted?: Uint8Array | undefined;
  readonly decisions?: DecisionCheck | undefined;
  readonly run?: string | undefined;
}

/** Checks a whole journal. */
export async function verify({ material, trusted, decisions, run }: Verify): Promise<Verification> {
  const publicKey = trusted ?? material.publicKey;
  const faults: Fault[] = foreignKey(material, trusted);
  const found: string[] = [];
  const reports: PartitionReport[] = [];
  for (const partition of material.partitions) {
    const report = await checkPartition(partition, {
      publicKey,
      look: (commit) => {
        decisions?.look(commit);
        if (run !== undefined && commit.links.entity === `run ${run}`)
          found.push(commit.place.commitId ?? '');
      },
    });
    if (report.fault) faults.push(report.fault);
    reports.push(report);
  }
  const signedBehind = trusted ?? (publicKey ? undefined : null);
  return {
    ok: faults.length === 0,
    partitions: reports.map(({ partition, groups, commits, head }) => ({ partition, groups, commits, head })),
    tenants: reports.flatMap(({ tenants }) => tenants),
    ...(decisions && { decisions: decisions.report() }),
    ...(run !== undefined && { run: { id: run, commits: found } }),
    faults,
    unchecked: [
      ...material.unchecked,
      ...reports.flatMap(notSigned),
      ...(signedBehind === undefined
        ? ["whose key signed: the export's own was believed; give --key to check it"]
        : []),
      ...(decisions
        ? uncheckedDecisions(decisions.report())
        : ['seals and decisions: the keys of the journal are not here']),
    ],
  };
}

/** What of a sound partition no signature covers. */
function notSigned({ partition, head, tenants, fault }: PartitionReport): string[] {
  if (fault) return [];
  const bare = tenants.filter(({ signed }) => signed === undefined).map(({ tenant }) => tenant);
  return [
    ...(head ? [] : [`the last group of partition ${String(partition)}: no signed head covers it`]),
    ...(bare.length === 0
      ? []
      : [
          `inclusion and completeness of partition ${String(partition)}: no signed logs of ${bare.join(', ')}`,
        ]),
  ];
}

/** An export that names another key than the trusted one. */
function foreignKey({ publicKey, keyPlace = {} }: JournalMaterial, trusted: Uint8Array | undefined): Fault[] {
  if (!publicKey || !trusted || Buffer.from(publicKey).equals(trusted)) return [];
  return [{ place: keyPlace, what: 'it names another key than the one that is trusted' }];
}

const uncheckedDecisions = ({ unchecked }: DecisionReport): string[] =>
  Object.entries(unchecked).map(([why, count]) => `${String(count)} decisions: ${why}`);

/** The outcome for people. */
export function verificationText(found: Verification): string {
  const { partitions, tenants, decisions, run, faults, unchecked } = found;
  const sum = (numbers: readonly number[]): string => String(numbers.reduce((total, one) => total + one, 0));
  const logs = tenants.filter(({ signed }) => signed !== undefined);
  const lines = [
    `links         ${sum(partitions.map(({ groups }) => groups))} groups, ${sum(partitions.map(({ commits }) => commits))} commits in ${String(partitions.length)} partitions: prev, tenantPrev, tenantIndex, version`,
    `heads         ${String(partitions.filter(({ head }) => head).length)} of ${String(partitions.length)} partitions end with a signed head`,
    `inclusion     ${sum(logs.map(({ commits }) => commits))} commits are leaves of ${String(logs.length)} logs, under signed roots`,
    `consistency   ${sum(logs.map(({ checkpoints }) => checkpoints))} checkpoints, each a beginning of the next`,
    `completeness  ${String(logs.length)} logs have as many leaves as their tenants have commits`,
    ...(decisions
      ? [
          `decisions     ${String(decisions.same)} evaluated again to the same bytes; ${String(decisions.opened)} commits unsealed`,
        ]
      : []),
    ...(run
      ? [
          `run           ${run.id}: ${String(run.commits.length)} commits, ${run.commits[0] ?? 'none'} to ${run.commits.at(-1) ?? 'none'}`,
        ]
      : []),
    ...unchecked.map((what) => `not checked   ${what}`),
    ...faults.map((fault) => `WRONG         ${faultText(fault)}`),
  ];
  return [
    ...(faults.length === 0 ? lines : lines.filter((line) => /^(WRONG|not checked)/.test(line))),
    faults.length === 0 ? 'verified' : 'not verified',
  ].join('\n');
}
