export { actionHash } from './action-hash.ts';
export { type DecideApproval } from './approval.edit.ts';
export { planDecide } from './approval.decide.ts';
export {
  APPROVAL_STATUSES,
  type ApprovalAnswer,
  type ApprovalState,
  type ApprovalStatus,
  approversOf,
} from './approval.state.ts';
export { type Announced, definitionDigest, planRegistration, unregistered } from './catalogue.ts';
export { type Conversation } from './conversation.ts';
export {
  type Doubt,
  type Edit,
  type Executed,
  type Frame,
  type FrameItem,
  type HistoryItem,
  type PatchOperation,
  type Permit,
  type Proposal,
  type RunEpoch,
  type Settlement,
  type StepResult,
} from './frame.ts';
export {
  type Dispatch,
  type ExecutorMessage,
  type Held,
  type Introduction,
  type LeaderMessage,
  type RunUpdate,
} from './messages.ts';
export { readExecutorMessage } from './messages.schema.ts';
export {
  type Answered,
  commandKey,
  emptyPartition,
  evolvePartition,
  partitionEntity,
  type PartitionState,
  REMEMBERED_MS,
  tenantOf,
  type TenantState,
  threadOf,
  type Tombstone,
} from './partition.ts';
export { applyPatch } from './patch.ts';
export { type Asker, type Draft, type Plan } from './plan.ts';
export { CommandRefused, planCommand, type RunCommand } from './run.commands.ts';
export { endWithoutExecutor } from './run.end.ts';
export { evolveRun, frameCause, OLD_REIGN_MS } from './run.evolve.ts';
export { planFrame } from './run.frame.ts';
export { dueSteps, nextDue, planUpkeep, wantPermit } from './run.leader.ts';
export { MODEL_DEFAULTS } from './run.model.ts';
export { outcomeEvents } from './run.outcome.ts';
export { proposalHash, type RunScope, type Tools } from './run.proposal.ts';
export { findWorkflow, type InputCheck, planStart, type StartRun } from './run.start.ts';
export {
  isFinished,
  type RunState,
  type RunStatus,
  type StepPhase,
  type StepState,
  waitingFor,
} from './run.state.ts';
export { stateHash } from './state-hash.ts';
export { type ThreadState } from './thread.ts';
export { threadKey } from './thread-key.ts';
export { planStateEdit, planThread, type StateEdit } from './thread.commands.ts';
