import { errorRecord, type Tracing } from '@summit/kernel';
import { type JournalPosition } from './chain.ts';
import { type FollowedGroup } from './follow.ts';
import { type Projection } from './project.ts';

/** A batch names this many traces that led to it at most. */
const MAX_LINKS = 128;
/** The clear part of a commit holds its `traceparent`; nothing that people write stands before or beside it in clear. */
const TRACE = /"trace":"(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})"/;

/**
 * A projection whose every batch is a span, linked to the traces of the commits that it takes in. Without a tracer the
 * projection itself. `name`: what is made, such as `read-models`.
 */
export function tracedProjection(
  projection: Projection,
  { name, partition, tracing }: { name: string; partition: number; tracing: Tracing | undefined },
): Projection {
  if (!tracing) return projection;
  return {
    position: () => projection.position(),
    async apply(groups, from): Promise<void> {
      const attributes = {
        'summit.projection': name,
        'summit.partition': partition,
        'summit.groups': groups.length,
        'summit.sequence': sequenceAfter(groups, from),
      };
      const links = linksOf(groups);
      const span = tracing.span(`project ${name}`, { parent: '', kind: 'consumer', attributes, links });
      try {
        await span.run(() => projection.apply(groups, from));
        span.end();
      } catch (error) {
        span.end(undefined, errorRecord(error).code);
        throw error;
      }
    },
  };
}

const sequenceAfter = (groups: readonly FollowedGroup[], from: JournalPosition): number =>
  groups.at(-1)?.sequence ?? from.sequence;

function linksOf(groups: readonly FollowedGroup[]): string[] {
  const traces = new Set<string>();
  for (const { commits } of groups) {
    for (const { line } of commits) {
      const trace = TRACE.exec(line)?.[1];
      if (trace !== undefined) traces.add(trace);
      if (traces.size >= MAX_LINKS) return [...traces];
    }
  }
  return [...traces];
}
