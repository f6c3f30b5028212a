import {
  InvalidInputError,
  isObject,
  NotFoundError,
  RefusedError,
  RetryableError,
  type SummitError,
} from '@summit/kernel';
import type { Command } from 'commander';
import { DEVELOPER, TENANT } from './api-client.ts';
import { developmentToken } from './development-token.ts';
import { dataDirOf } from './supervisor/stack-plan.ts';
import { readStackState } from './supervisor/stack-state.ts';
import { type Given } from './verb.ts';

/** How a verb finds the provenance-graph, and as whom it speaks. */
export function withGraph(command: Command): Command {
  return command
    .option('--as <user>', 'as whom (default: developer; SUMMIT_TOKEN goes before)')
    .option('--tenant <tenant>', `whose (default: ${TENANT})`)
    .option('--url <url>', 'of the provenance-graph (default: SUMMIT_GRAPH_URL, else the stack that is up)')
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)');
}

/** Asks the provenance-graph. Throws what it refuses with, `NO_GRAPH` where none is known, `GRAPH_SERVICE_UNREACHABLE`. */
export async function askGraph(given: Given, path: string, init: RequestInit = {}): Promise<Response> {
  const url = urlOf(given);
  const headers = { authorization: `Bearer ${await tokenOf(given)}` };
  const answer = await fetch(url + path, { ...init, headers }).catch((cause: unknown) => {
    const next = 'Start it with summit up, or give --url.';
    throw new RetryableError('GRAPH_SERVICE_UNREACHABLE', `nothing answers at ${url}`, next, { cause });
  });
  if (answer.ok) return answer;
  const body: unknown = await answer.json().catch(() => undefined);
  throw errorOf(answer.status, isObject(body) ? body : {});
}

function errorOf(status: number, problem: Readonly<Record<string, unknown>>): SummitError {
  const text = (name: string, otherwise: string): string =>
    typeof problem[name] === 'string' ? problem[name] : otherwise;
  const code = text('code', 'UNEXPECTED');
  const message = text('detail', `the provenance-graph answered ${String(status)}`);
  const next = text('next', 'Read its log.');
  if (status === 401 || status === 403) return new RefusedError(code, message, next);
  if (status === 404) return new NotFoundError(code, message, next);
  if (status >= 500) return new RetryableError(code, message, next);
  return new InvalidInputError(code, message, next);
}

function urlOf(given: Given): string {
  const processes = readStackState(dataDirOf(given.text('data')))?.processes ?? [];
  const running = processes.flatMap(({ name, url, urls }) => [
    ...(name === 'provenance-graph' ? [url] : []),
    urls?.['provenance-graph'],
  ]);
  const url = given.text('url') ?? process.env['SUMMIT_GRAPH_URL'] ?? running.find((one) => one);
  if (url) return url.replace(/\/$/, '');
  const next = 'Give --url, or start one: summit up (without --only core).';
  throw new NotFoundError('NO_GRAPH', 'no provenance-graph to talk to', next);
}

function tokenOf(given: Given): Promise<string> {
  const token = process.env['SUMMIT_TOKEN'];
  const as = given.text('as');
  if (token && as === undefined) return Promise.resolve(token);
  const roles = as === undefined || as === DEVELOPER.user ? DEVELOPER.roles : [];
  const identity = { tenant: given.text('tenant') ?? TENANT, user: as ?? DEVELOPER.user, roles };
  return developmentToken(given, identity);
}
