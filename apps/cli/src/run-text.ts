import type { RunSaid } from './api-client.ts';

/** A run in lines for people. */
export function runText(run: RunSaid): string {
  const { runId, threadId = '', workflow, workflowVersion = '', status, version, output, error } = run;
  const lines = [`${runId} ${statusText(run)}`];
  if (workflow !== undefined) lines.push(`  workflow  ${workflow} ${workflowVersion}`);
  lines.push(`  thread    ${threadId}`, `  version   ${version}`);
  if (status === 'completed') lines.push(`  output    ${JSON.stringify(output ?? null)}`);
  if (error !== undefined) lines.push(`  error     ${JSON.stringify(error)}`);
  return lines.join('\n');
}

/** `waiting for signal:go`, `completed`. */
export function statusText({ status = '', waitingFor }: RunSaid): string {
  return waitingFor === undefined ? status : `${status} for ${waitingFor.join(', ')}`;
}
