import {
  type AnyEvent,
  type Commit,
  type RunEvent,
  SYSTEM_TENANT,
  type ToolDefinition,
  type WorkflowDefinition,
} from '@summit/events';
import { type Digest, type ErrorRecord, type Instant, type Json, SlotMap, ZERO_DIGEST } from '@summit/kernel';
import { type ApprovalState } from './approval.state.ts';
import { evolveConversation, messagesBefore, NO_CONVERSATION } from './conversation.ts';
import { evolveRun } from './run.evolve.ts';
import { isFinished, type RunState, type RunStatus } from './run.state.ts';
import { emptyThread, evolveThread, patchThread, type ThreadState } from './thread.ts';
import { threadKey } from './thread-key.ts';

/** How long answers to commands and tombstones of runs are kept, in milliseconds of journal time. */
export const REMEMBERED_MS = 7 * 24 * 3600 * 1000;

/** Questions to people that are closed and still shown by the leader; older ones are in the read models. */
export const REMEMBERED_APPROVALS = 1000;

/** What one tenant has in a partition. */
export interface TenantState {
  /** The next commit's `tenantIndex` and `tenantPrev`. */
  nextIndex: number;
  prev: Digest;
  catalogueVersion: number;
  readonly tools: Map<Digest, ToolDefinition>;
  /** By name, then version, in order of registration. */
  readonly workflows: Map<string, Map<string, WorkflowDefinition>>;
}

/** What stays of a run that has ended. */
export interface Tombstone {
  readonly tenant: string;
  readonly runId: string;
  readonly threadId: string;
  readonly workflow: string;
  readonly workflowVersion: string;
  readonly status: RunStatus;
  readonly version: number;
  readonly output: Json;
  readonly error: ErrorRecord | undefined;
  readonly at: Instant;
}

/** The answer that a command got. */
export interface Answered {
  readonly digest: Digest;
  readonly answer: Json;
  readonly at: Instant;
}

/**
 * Everything a leader knows of its partition: the fold of the journal, updated in place by one owner; a lost append
 * throws it away.
 */
export interface PartitionState {
  readonly partition: number;
  epoch: number;
  /** Commits of the partition entity itself. */
  version: number;
  /** The newest commit's `at`. */
  at: Instant;
  readonly tenants: Map<string, TenantState>;
  readonly runs: Map<string, RunState>;
  /** By tenant and surrogate, see {@link threadKey}. */
  readonly threads: Map<string, ThreadState>;
  readonly finished: Map<string, Tombstone>;
  /** Open ones and those that were closed lately, by id, in order of their requests. */
  readonly approvals: Map<string, ApprovalState>;
  readonly answered: Map<string, Answered>;
  /** Digest of the policy that was last activated, by tenant. */
  readonly policies: Map<string, Digest>;
}

export function emptyPartition(partition: number): PartitionState {
  return {
    partition,
    epoch: 0,
    version: 0,
    at: 0,
    tenants: new Map(),
    runs: new SlotMap(),
    threads: new SlotMap(),
    finished: new Map(),
    approvals: new SlotMap(),
    answered: new Map(),
    policies: new Map(),
  };
}

/** Where an answer stands in {@link PartitionState.answered}. */
export function commandKey(tenant: string, user: string, id: string): string {
  return `${tenant}\n${user}\n${id}`;
}

/** The tenant's part, made where it is first asked for. */
export function tenantOf(state: PartitionState, tenant: string): TenantState {
  let found = state.tenants.get(tenant);
  if (!found) {
    found = { nextIndex: 0, prev: ZERO_DIGEST, catalogueVersion: 0, tools: new Map(), workflows: new Map() };
    state.tenants.set(tenant, found);
  }
  return found;
}

/** Folds one commit, whose line has `digest`. // I5 I6 */
export function evolvePartition(state: PartitionState, commit: Commit, digest: Digest): void {
  const tenant = tenantOf(state, commit.tenant);
  tenant.nextIndex = commit.tenantIndex + 1;
  tenant.prev = digest;
  state.at = commit.at;
  if (commit.command) {
    const { user, id, digest: body, answer } = commit.command;
    state.answered.set(commandKey(commit.tenant, user, id), { digest: body, answer, at: commit.at });
  }
  switch (commit.entity.kind) {
    case 'run':
      evolveRunOf(state, commit);
      break;
    case 'catalogue':
      tenant.catalogueVersion = commit.version;
      for (const event of commit.events) register(tenant, event);
      break;
    case 'partition':
      state.version = commit.version;
      for (const event of commit.events) govern(state, event);
      break;
    case 'thread': {
      const key = threadKey(commit.tenant, commit.entity.id);
      state.threads.set(key, evolveThread(state.threads.get(key), commit));
      break;
    }
  }
  forget(state);
}

function register(tenant: TenantState, event: AnyEvent): void {
  if (event.type === 'ToolRegistered' && event.data) tenant.tools.set(event.tool, event.data);
  if (event.type === 'WorkflowRegistered' && event.data) {
    const versions = tenant.workflows.get(event.data.name) ?? new Map<string, WorkflowDefinition>();
    versions.set(event.data.version, event.data);
    tenant.workflows.set(event.data.name, versions);
  }
}

function govern(state: PartitionState, event: AnyEvent): void {
  if (event.type === 'LeaderElected') state.epoch = event.epoch;
  if (event.type === 'PolicyActivated') state.policies.set(event.tenant, event.policy);
}

function evolveRunOf(state: PartitionState, commit: Commit): void {
  const events = commit.events.filter(isRunEvent);
  const before = state.runs.get(commit.entity.id);
  const run = evolveRun(before, commit, events);
  const thread = threadOf(state, run);
  converse(thread, run, events);
  if (!before) {
    state.runs.set(run.runId, run);
    if (thread.active === undefined) thread.active = run.runId;
    else if (events.some((event) => event.type === 'RunCreated' && event.interrupts !== undefined)) {
      thread.queue.unshift(run.runId);
    } else thread.queue.push(run.runId);
  }
  for (const event of events) {
    if (event.type === 'RunAssigned' && event.assignment === 1) {
      run.baseState = thread.state;
      run.baseVersion = thread.stateVersion;
    }
    if (event.type === 'StatePatched') patchThread(thread, event);
    if (event.type === 'ApprovalRequested') remember(state, run.approvals.get(event.approval));
  }
  if (isFinished(run)) finish(state, run, thread, commit.at);
}

/** The oldest closed one makes room. */
function remember({ approvals }: PartitionState, approval: ApprovalState | undefined): void {
  if (approval) approvals.set(approval.approvalId, approval);
  if (approvals.size <= REMEMBERED_APPROVALS) return;
  for (const [id, { status }] of approvals) {
    if (status === 'open') continue;
    approvals.delete(id);
    return;
  }
}

/** [C4.1] What was said, and what a run finds said before it. */
function converse(thread: ThreadState, run: RunState, events: readonly RunEvent[]): void {
  for (const event of events) {
    if (event.type === 'MessageAppended') {
      thread.conversation = evolveConversation(thread.conversation ?? NO_CONVERSATION, run.runId, event);
    } else if (event.type === 'RunAssigned' && event.assignment === 1 && thread.conversation) {
      run.baseMessages = messagesBefore(thread.conversation, run.runId, thread.queue);
    }
  }
}

/** Everything in a run's commit is an event of that run. */
function isRunEvent(event: AnyEvent): event is RunEvent {
  switch (event.type) {
    case 'LeaderElected':
    case 'PolicyActivated':
    case 'ToolRegistered':
    case 'WorkflowRegistered':
    case 'CommandDenied':
    case 'ThreadCreated':
      return false;
    default:
      return true;
  }
}

/** The thread of a run; it exists from its first run on, where it was not made before. */
export function threadOf(
  state: PartitionState,
  run: Pick<RunState, 'tenant' | 'thread' | 'threadKey' | 'key' | 'threadId' | 'createdAt'>,
): ThreadState {
  let thread = state.threads.get(run.threadKey);
  if (!thread) {
    thread = emptyThread(run);
    state.threads.set(run.threadKey, thread);
  }
  return thread;
}

function finish(state: PartitionState, run: RunState, thread: ThreadState, at: Instant): void {
  state.runs.delete(run.runId);
  if (thread.active === run.runId) thread.active = thread.queue.shift();
  else if (thread.queue.includes(run.runId)) thread.queue.splice(thread.queue.indexOf(run.runId), 1);
  const { tenant, runId, threadId, workflow, workflowVersion, status, version, output, error } = run;
  state.finished.set(runId, {
    tenant,
    runId,
    threadId,
    workflow,
    workflowVersion,
    status,
    version,
    output,
    error,
    at,
  });
}

/** Drops what is older than {@link REMEMBERED_MS}; maps keep insertion order, so the oldest come first. */
function forget(state: PartitionState): void {
  const before = state.at - REMEMBERED_MS;
  for (const remembered of [state.answered, state.finished]) {
    for (const [key, { at }] of remembered) {
      if (at >= before) break;
      remembered.delete(key);
    }
  }
}

/** Facts of the runtime itself stand on this entity of the system's tenant. */
export function partitionEntity(partition: number): {
  tenant: string;
  entity: { kind: 'partition'; id: string };
} {
  return { tenant: SYSTEM_TENANT, entity: { kind: 'partition', id: String(partition) } };
}
