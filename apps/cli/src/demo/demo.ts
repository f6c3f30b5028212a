/**
 * The demo: a customer wants money back, policy asks a person, the person lowers the amount, the executor is killed
 * while the refund is under way, and everything comes out right once. It uses what everybody can use: the api, the
 * journal, the graph; and the shop's own books to see what really happened.
 */
import { waitFor } from '@summit/servers';
import { z } from 'zod';
import { ApiClient, REVIEWER, type RunSaid, TENANT } from '../api-client.ts';
import { type ApprovalSaid, approvalSaid, decide } from '../approval.ts';
import { followRun } from '../follow/follow-run.ts';
import { verifyStack } from '../journal/verify-stack.ts';
import { type Given } from '../verb.ts';
import { refundLineage } from './lineage.ts';
import { type DemoReport } from './report.ts';
import { type Scene } from './scene.ts';
import { type Books, Shop, stuck } from './shop.ts';

const CUSTOMER = 'ada';
const MESSAGE = 'Hello, this is Ada. The headphones of order o-1001 do not fit, I would like my money back.';
/** What the reviewer lets go of the 89.00 that the agent proposes. */
const LOWERED_CENTS = 4500;
/** How long anything that is waited for may take, milliseconds. */
const PATIENCE_MS = 60_000;

export interface Played {
  readonly report: DemoReport;
  /** The refund's lineage, a line each. */
  readonly lineage: string;
}

/** Plays it on a stack that is up. */
export async function play(scene: Scene, given: Given, startedAt: number): Promise<Played> {
  const shop = new Shop(scene.url('shop') ?? '');
  const customer = await ApiClient.of(scene.as(CUSTOMER), CUSTOMER);
  given.progress(`${CUSTOMER} writes: ${MESSAGE}`);
  const { runId } = await customer.post('/v1/runs', { workflow: 'support', message: MESSAGE });
  const followed = followRun(customer, runId, given);
  const approval = await modified(scene, given);
  const resume = await killed(scene, shop, given);
  const run = await followed;
  const report = await reported(scene, { run, approval, resume, books: await shop.books(), startedAt });
  const { text, ...provenance } = await refundLineage(scene, runId);
  const ms = { ...report.ms, total: Date.now() - startedAt };
  return { report: { ...report, ok: report.ok && text !== '', provenance, ms }, lineage: text };
}

/** The reviewer lowers the amount. */
async function modified(scene: Scene, given: Given): Promise<ApprovalSaid> {
  const reviewer = await ApiClient.of(scene.as(REVIEWER.user), REVIEWER.user);
  const open = z.looseObject({ approvals: z.array(approvalSaid) });
  const look = async (): Promise<ApprovalSaid | undefined> =>
    open.parse(await reviewer.getFor('/v1/approvals?status=open')).approvals[0];
  const approval = await waitFor(look, { deadlineMs: PATIENCE_MS, everyMs: 100 });
  if (!approval) throw stuck('nobody was asked about the refund');
  const action = { ...(approval.shown?.arguments as object), amountCents: LOWERED_CENTS };
  given.progress(`the ${REVIEWER.user} lowers it and agrees: ${JSON.stringify(action)}`);
  const { approvalId, actionHash } = approval;
  const reason = 'the headphones were worn';
  await decide(reviewer, approvalId, { decision: 'modify', actionHash, action, reason });
  return approvalSaid.parse(await reviewer.getFor(`/v1/approvals/${approvalId}`));
}

/** Kills the executor while its call is under way; milliseconds until the other one calls. */
async function killed(scene: Scene, shop: Shop, given: Given): Promise<number> {
  const { caller } = await shop.call(1, PATIENCE_MS);
  const executor = scene.state.processes.find(({ pid }) => pid === caller);
  if (!executor?.name.startsWith('executor-'))
    throw stuck(`process ${String(caller)} is no executor of the demo`);
  given.progress(`kill -9 ${executor.name}: the refund is under way`);
  const at = Date.now();
  process.kill(caller, 'SIGKILL');
  const again = await shop.call(2, PATIENCE_MS);
  return Math.round(again.at - at);
}

interface Ended {
  readonly run: RunSaid;
  readonly approval: ApprovalSaid;
  readonly resume: number;
  readonly books: Books;
  readonly startedAt: number;
}

type Unfinished = Omit<DemoReport, 'provenance'>;

async function reported(
  scene: Scene,
  { run, approval, resume, books, startedAt }: Ended,
): Promise<Unfinished> {
  const postgres = { lag: await scene.lag('api', 'summit_read_models_pending') };
  const neo4j = { lag: await scene.lag('provenance-graph', 'summit_graph_pending') };
  const verified = await verifyStack(scene.dataDir);
  const { partitions, tenants, events, ok } = verified;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  const effects = { refunds: books.refunds.length, emails: books.mails.length };
  const [answer] = approval.answers;
  const right = run.status === 'completed' && effects.refunds === 1 && effects.emails === 1;
  const lowered = books.refunds[0]?.amountCents === LOWERED_CENTS;
  return {
    ok: right && lowered && ok && postgres.lag === 0 && neo4j.lag === 0,
    runId: run.runId,
    threadId: run.threadId ?? '',
    tenant: TENANT,
    steps: await stepsOf(scene, run.runId),
    killed: {
      executor: sum(scene.state.processes.map(({ name, restarts }) => (isExecutor(name) ? restarts : 0))),
    },
    effects,
    approval: {
      id: approval.approvalId,
      decision: answer?.decision ?? 'none',
      modified: answer?.action !== undefined,
    },
    journal: {
      partitions: partitions.length,
      groups: sum(partitions.map(({ groups }) => groups)),
      commits: sum(partitions.map(({ commits }) => commits)),
      events,
    },
    audit: {
      treeSize: tenants.find(({ tenant }) => tenant === TENANT)?.signed ?? 0,
      verified: ok && verified.unchecked.length === 0,
    },
    projections: { postgres, neo4j },
    urls: { api: scene.url('api'), console: null, neo4jBrowser: scene.url('neo4jBrowser') },
    ms: { total: Date.now() - startedAt, resume },
  };
}

const isExecutor = (name: string): boolean => name.startsWith('executor-');

/** By the run's own events. */
async function stepsOf(scene: Scene, runId: string): Promise<number> {
  const api = await ApiClient.of(scene.as(CUSTOMER), CUSTOMER);
  const page = z.looseObject({ events: z.array(z.looseObject({ type: z.string() })) });
  const { events } = page.parse(await api.getFor(`/v1/runs/${runId}/events?limit=1000`));
  return events.filter(({ type }) => type === 'step_complete').length;
}
