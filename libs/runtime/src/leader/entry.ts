import {
  type Actor,
  type AnyEvent,
  type CommandRecord,
  type Commit,
  type Decision,
  type Entity,
} from '@summit/events';
import { partitionEntity, type PartitionState, tenantOf } from '@summit/engine';
import { type Clock, type Instant } from '@summit/kernel';
import { type Vault } from '@summit/vault';

/** A commit, as whoever decided it hands it over. */
export interface Entry {
  readonly tenant: string;
  readonly entity: Entity;
  readonly version: number;
  readonly key: string;
  readonly actor: Actor;
  readonly causationId: string;
  readonly correlationId: string;
  readonly trace: string;
  readonly decisions: Decision[];
  readonly events: readonly AnyEvent[];
  readonly command?: CommandRecord | undefined;
}

/** Who leads, and what a leader needs to write a commit. */
export interface Scribe {
  readonly vault: Vault;
  readonly clock: Clock;
  /** `bytes` random bytes, hexadecimal. */
  readonly random: (bytes: number) => string;
  /** Id of this leader's process life. */
  readonly incarnation: string;
}

/** Journal time: never goes back. */
export function journalNow(state: PartitionState, clock: Clock): Instant {
  return Math.max(clock.now(), state.at);
}

/** The commit of an entry, next of its tenant in a partition. */
export function nextCommit(state: PartitionState, { clock, random }: Scribe, entry: Entry): Commit {
  const { tenant, entity, version, key, actor, causationId, correlationId, trace } = entry;
  const { decisions, events, command } = entry;
  const { nextIndex: tenantIndex, prev: tenantPrev } = tenantOf(state, tenant);
  return {
    tenant,
    entity,
    version,
    tenantIndex,
    tenantPrev,
    salt: random(16),
    key,
    causationId,
    correlationId,
    actor,
    at: journalNow(state, clock),
    trace,
    decisions,
    events,
    command,
  };
}

/** A leader, as the one who acts. */
export const leaderActor = ({ incarnation }: Pick<Scribe, 'incarnation'>): Actor => ({
  kind: 'leader',
  id: incarnation,
});

/** An entry of the partition itself. */
export function partitionEntry(state: PartitionState, scribe: Scribe, events: readonly AnyEvent[]): Entry {
  const { tenant, entity } = partitionEntity(state.partition);
  return {
    tenant,
    entity,
    version: state.version + 1,
    key: scribe.vault.tenantKey(tenant),
    actor: leaderActor(scribe),
    causationId: `leader:${scribe.incarnation}`,
    correlationId: `partition:${String(state.partition)}`,
    trace: '',
    decisions: [],
    events,
  };
}
