import { type Commit } from '@summit/events';
import { type TraceSpan, type Tracing } from '@summit/kernel';
import { type Command, type Reply } from './command.ts';

/** A command from its arrival until its answer leaves; what it leads to names this span as its parent. */
export function traceCommand(
  tracing: Tracing,
  partition: number,
  command: Command,
  reply: Reply,
): { readonly command: Command; readonly reply: Reply } {
  const { tenant, trace, body } = command;
  const span = tracing.span(`command ${body.verb}`, {
    parent: trace,
    kind: 'consumer',
    attributes: { 'summit.tenant': tenant, 'summit.partition': partition, 'summit.command': body.verb },
  });
  return {
    command: { ...command, trace: span.traceparent },
    reply: (answer) => {
      span.end(undefined, answer.ok ? undefined : answer.error.code);
      reply(answer);
    },
  };
}

/** A commit from when it was taken until it is durable; undefined where it belongs to no trace. */
export function traceCommit(tracing: Tracing, id: string, commit: Commit): TraceSpan | undefined {
  if (commit.trace === '') return undefined;
  const { tenant, entity, events } = commit;
  return tracing.span('commit', {
    parent: commit.trace,
    kind: 'producer',
    attributes: {
      'summit.tenant': tenant,
      'summit.commit': id,
      [`summit.${entity.kind}.id`]: entity.id,
      'summit.events': events.map(({ type }) => type),
    },
  });
}
