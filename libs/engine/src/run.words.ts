import { canonicalJson } from '@summit/kernel';

/** What all questions about a run have in common: the text before and after the number of its steps. */
export interface RunWords {
  readonly whole: Words;
  readonly rest: Words;
}

export interface Words {
  readonly before: string;
  readonly after: string;
}

/** Written once a run, since a question is asked for every step. */
export function runWords(run: {
  readonly tenant: string;
  readonly runId: string;
  readonly startedBy: string;
  readonly workflow: string;
  readonly workflowVersion: string;
  readonly threadId: string;
}): RunWords {
  const before = `"startedBy":${canonicalJson(run.startedBy)},"steps":`;
  const workflow = `,"version":${canonicalJson(run.workflowVersion)},"workflow":${canonicalJson(run.workflow)}},`;
  const thread = `"thread":{"id":${canonicalJson(run.threadId)}}`;
  return {
    whole: {
      before: `"id":${canonicalJson(run.runId)},${before}`,
      after: `${workflow}"tenant":${canonicalJson(run.tenant)},${thread},"v":1}`,
    },
    rest: { before, after: `${workflow}${thread}}` },
  };
}
