/**
 * The two texts of a commit as it is stored: what stands in clear and what is sealed. // I9
 *
 * Written member by member: it is done for every step, and handing one object to `JSON.stringify` would mean to build
 * that object, without what is sealed, first.
 */
import { type Commit, type Decision, type PayloadReference } from './commit.ts';
import { keptInput } from './named-input.ts';

/** Ids of the runtime, types, versions, times, digests. */
export function clearText(commit: Commit): string {
  const { tenant, entity, version, tenantIndex, tenantPrev, salt, key, causationId, correlationId } = commit;
  const { actor, at, trace, decisions, events } = commit;
  const place = `"tenant":${text(tenant)},"entity":{"kind":"${entity.kind}","id":${text(entity.id)}},"version":${String(version)}`;
  const links = `"tenantIndex":${String(tenantIndex)},"tenantPrev":${text(tenantPrev)},"salt":${text(salt)},"key":${text(key)}`;
  const causes = `"causationId":${text(causationId)},"correlationId":${text(correlationId)}`;
  const who = `"actor":{"kind":"${actor.kind}","id":${text(actor.id)}},"at":${String(at)},"trace":${text(trace)}`;
  const facts = JSON.stringify(
    events.map((event) => (event.data === undefined ? event : { ...event, data: undefined })),
  );
  return `{${place},${links},${causes},${who},"decisions":[${decisions.map(clearDecision).join(',')}],"events":${facts}}`;
}

const clearDecision = ({ entry, policy, verdict }: Decision): string =>
  `{"entry":${text(entry)},"policy":${text(policy)},"verdict":"${verdict}"}`;

/**
 * Everything else: `{actor, command, decisions: [{reasons, obligations, patch}], data: [per event], inputs: [per
 * decision]}`, with `objects` where payloads were taken out of the events before.
 */
export function sealedText(commit: Commit, objects: readonly PayloadReference[] | undefined): string {
  const { actor, command, decisions, events } = commit;
  const who = actor.name === undefined ? '' : `"actor":${text(actor.name)},`;
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

const text = (value: string): string => JSON.stringify(value);
