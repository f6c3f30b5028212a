import { type Digest, sha256 } from '@summit/kernel';

/**
 * SHA-256 of canonical `{arguments, run, stepKey, tool}` (RFC 8785): what is decided, what an approver is shown, what
 * a permit names. `argsText` is the canonical text of the arguments; `tool` a definition's digest, or a step's kind.
 */
export function actionHash(runId: string, stepKey: string, tool: string, argsText: string): Digest {
  return sha256(
    `{"arguments":${argsText},"run":${JSON.stringify(runId)},"stepKey":${JSON.stringify(stepKey)},"tool":${JSON.stringify(tool)}}`,
  );
}
