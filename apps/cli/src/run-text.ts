import type { JsonObject } from '@summit/kernel';

/** A run in lines for people. */
export function runText(run: JsonObject): string {
  const { runId, threadId, workflow, workflowVersion, status, version, waitingFor, output, error } = run;
  const lines = [`${String(runId)} ${statusText(run)}`];
  if (typeof workflow === 'string') lines.push(`  workflow  ${workflow} ${String(workflowVersion)}`);
  lines.push(`  thread    ${String(threadId)}`, `  version   ${String(version)}`);
  if (status === 'waiting') lines.push(`  waits for ${JSON.stringify(waitingFor)}`);
  if (status === 'completed') lines.push(`  output    ${JSON.stringify(output ?? null)}`);
  if (error !== undefined) lines.push(`  error     ${JSON.stringify(error)}`);
  return lines.join('\n');
}

/** `waiting for signal:go`, `completed`. */
export function statusText({ status, waitingFor }: JsonObject): string {
  const reasons = Array.isArray(waitingFor) ? ` for ${waitingFor.join(', ')}` : '';
  return `${String(status)}${reasons}`;
}
