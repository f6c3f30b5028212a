export {
  type ApprovalDecision,
  approvalDecisionSchema,
  type ApprovalOutcome,
  type ApprovalSubject,
  approvalSubjectSchema,
} from './approval.events.ts';
export {
  type AnyEvent,
  anyEventSchema,
  type ApprovalEvent,
  type CatalogueEvent,
  type EventOf,
  type PartitionEvent,
  type RunEvent,
  type ThreadEvent,
} from './catalogue.ts';
export {
  type ToolDefinition,
  toolDefinitionSchema,
  type WorkflowDefinition,
  workflowDefinitionSchema,
} from './catalogue.events.ts';
export {
  decodeCommit,
  type DecodedCommit,
  encodeCommit,
  type EncodedCommit,
  lineText,
  type Opener,
  SEALED,
  SEALED_END,
  type SealContext,
  type Sealer,
  splitLine,
  withSealed,
} from './codec.ts';
export {
  type Actor,
  type CommandRecord,
  type Commit,
  commitId,
  type Decision,
  type Entity,
  type Obligation,
  obligationSchema,
  type PayloadReference,
  SYSTEM_TENANT,
  type Verdict,
  verdictSchema,
} from './commit.ts';
export { type Basis, errorSchema, type Fact, FACTS, json } from './define.ts';
export {
  type Message,
  messageSchema,
  type ModelCall,
  modelCallSchema,
  type ModelReply,
  modelReplySchema,
  type ModelToolCall,
} from './message.events.ts';
export {
  type Effect,
  effectSchema,
  type RetryPolicy,
  retrySchema,
  STEP_DEFAULTS,
  type StepKind,
  stepKindSchema,
} from './run.events.ts';
