/** The two texts of a commit as it is stored: what stands in clear and what is sealed. // I9 */
import { type Commit, type Decision, type PayloadReference } from './commit.ts';
import { keptEvent } from './named-event.ts';
import { keptInput } from './named-input.ts';

/**
 * Ids of the runtime, types, versions, times, digests. Made for every step: one object written at once takes two thirds
 * of what it takes to join its members' texts, and one copy less.
 */
export function clearText(commit: Commit): string {
  const { tenant, entity, version, tenantIndex, tenantPrev, salt, key, causationId, correlationId } = commit;
  const { actor, at, trace, decisions, events } = commit;
  return JSON.stringify({
    tenant,
    entity: { kind: entity.kind, id: entity.id },
    version,
    tenantIndex,
    tenantPrev,
    salt,
    key,
    causationId,
    correlationId,
    actor: { kind: actor.kind, id: actor.id },
    at,
    trace,
    decisions: decisions.map(clearDecision),
    events: events.map((event) => keptEvent(event, commit)),
  });
}

const clearDecision = ({
  entry,
  policy,
  verdict,
}: Decision): Pick<Decision, 'entry' | 'policy' | 'verdict'> => ({
  entry,
  policy,
  verdict,
});

/**
 * Everything else: `{actor, command, decisions: [{reasons, obligations, patch}], data: [per event], inputs: [per
 * decision]}`, with `objects` where payloads were taken out of the events before.
 */
export function sealedText(commit: Commit, objects: readonly PayloadReference[] | undefined): string {
  const { actor, command, decisions, events } = commit;
  const who = actor.name === undefined ? '' : `"actor":${JSON.stringify(actor.name)},`;
  const answered = command ? `"command":${JSON.stringify(command)},` : '';
  const data = JSON.stringify(events.map((event) => event.data ?? null));
  const spilled = objects ? `,"objects":${JSON.stringify(objects)}` : '';
  // Inputs are JSON text already: as they are, not as text in text, which would cost a backslash for every quote.
  const inputs =
    decisions.length === 0 ? '' : `,"inputs":[${decisions.map((_, n) => keptInput(commit, n)).join(',')}]`;
  return `{${who}${answered}"decisions":[${decisions.map(sealedDecision).join(',')}],"data":${data}${spilled}${inputs}}`;
}

const sealedDecision = ({ reasons, obligations, patch }: Decision): string =>
  reasons || obligations || patch !== undefined ? JSON.stringify({ reasons, obligations, patch }) : '{}';
