import { isObject, NotFoundError, RefusedError, RetryableError, TerminalError } from '@summit/kernel';
import type { Command } from 'commander';
import { z } from 'zod';
import { DEVELOPER, TENANT } from '../api-client.ts';
import { developmentToken } from '../development-token.ts';
import { dataDirOf } from '../supervisor/stack-plan.ts';
import { readStackState } from '../supervisor/stack-state.ts';
import { type Given, type Outcome, runs } from '../verb.ts';

const rebuiltSchema = z.object({
  logs: z.int(),
  leaves: z.int(),
  before: z.string(),
  after: z.string(),
});

export function addRebuildAudit(rebuild: Command): void {
  const command = rebuild
    .command('audit')
    .description('the tiles of every log; signed checkpoints are kept, and their roots must come out again')
    .option('--url <url>', 'of the audit (default: SUMMIT_AUDIT_URL, else the stack that is up)')
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)');
  runs(command, work);
}

async function work(given: Given): Promise<Outcome> {
  const { before, after, logs, leaves } = await rebuilt(auditUrl(given), await tokenOf(given));
  const ok = before === after;
  const text = [
    `${String(leaves)} leaves in ${String(logs)} logs; every root that was signed came out again`,
    `before  ${before}`,
    `after   ${after}`,
    ok ? 'equal' : 'NOT EQUAL: the tiles before were not what the journal makes',
  ].join('\n');
  return { document: { ok, logs, leaves, before, after }, text, exitCode: ok ? 0 : 1 };
}

async function rebuilt(url: string, token: string): Promise<z.infer<typeof rebuiltSchema>> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/v1/rebuild`, { method: 'POST', headers }).catch((cause: unknown) => {
    throw new RetryableError('AUDIT_UNREACHABLE', `nothing answers at ${url}`, 'Start it with summit up.', {
      cause,
    });
  });
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return rebuiltSchema.parse(body);
  const problem = isObject(body) ? body : {};
  const [code, detail, next] = [problem['code'], problem['detail'], problem['next']].map(String);
  const Kind = answer.status === 401 || answer.status === 403 ? RefusedError : TerminalError;
  throw new Kind(code ?? '', detail ?? '', next ?? '');
}

function auditUrl(given: Given): string {
  const processes = readStackState(dataDirOf(given.text('data')))?.processes ?? [];
  const running = processes.flatMap(({ name, url, urls }) => [
    ...(name === 'audit' ? [url] : []),
    urls?.['audit'],
  ]);
  const url = given.text('url') ?? process.env['SUMMIT_AUDIT_URL'] ?? running.find((one) => one);
  if (url) return url.replace(/\/$/, '');
  throw new NotFoundError(
    'NO_AUDIT',
    'no audit to talk to',
    'Give --url, or start one: summit up (without --only core).',
  );
}

function tokenOf(given: Given): Promise<string> {
  const token = process.env['SUMMIT_TOKEN'];
  if (token) return Promise.resolve(token);
  return developmentToken(given, { tenant: TENANT, ...DEVELOPER });
}
