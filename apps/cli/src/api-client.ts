import {
  ConflictError,
  InvalidInputError,
  isObject,
  NotFoundError,
  RefusedError,
  RetryableError,
  type SummitError,
} from '@summit/kernel';
import { type StreamEvent } from '@summit/streams';
import type { Command } from 'commander';
import { developmentToken } from './development-token.ts';
import { sentEvents } from './follow/sse.ts';
import { dataDirOf } from './supervisor/stack-plan.ts';
import { readStackState } from './supervisor/stack-state.ts';
import { z } from 'zod';
import { type Given, wrongUsage } from './verb.ts';

/** As whom verbs act on the laptop unless they are told otherwise. */
export const DEVELOPER = { user: 'developer', roles: ['developer', 'operator'] } as const;
/** As whom questions are answered: nobody approves what they asked for. */
export const REVIEWER = { user: 'reviewer', roles: ['reviewer'] } as const;
/** The tenant of `summit up` unless it was told otherwise. */
export const TENANT = 'acme';

const runSaid = z.looseObject({
  runId: z.string(),
  threadId: z.string().optional(),
  workflow: z.string().optional(),
  workflowVersion: z.string().optional(),
  status: z.string().optional(),
  version: z.int(),
  waitingFor: z.array(z.string()).optional(),
  output: z.unknown().optional(),
  error: z.unknown().optional(),
});

/** A run as the api tells of it; of a command's answer, `runId` and `version` alone. */
export type RunSaid = z.infer<typeof runSaid>;

/** Events are our own api's, in the shapes of `@summit/streams`. */
const streamEvent = z.custom<StreamEvent>((value) => isObject(value) && typeof value['type'] === 'string');

/** How a verb finds the api, and as whom it speaks. */
export function withApi(command: Command, user: string = DEVELOPER.user): Command {
  return command
    .option('--as <user>', `as whom (default: ${user}; SUMMIT_TOKEN goes before)`)
    .option('--tenant <tenant>', `whose (default: ${TENANT})`)
    .option('--url <url>', 'of the api (default: SUMMIT_URL, else the stack that is up)')
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)');
}

/** Speaks to the api as one user. */
export class ApiClient {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Throws `NO_API` where none is known. */
  static async of(given: Given, user: string = DEVELOPER.user): Promise<ApiClient> {
    return new ApiClient(urlOf(given), await tokenOf(given, user));
  }

  async get(path: string): Promise<RunSaid> {
    return runSaid.parse(await this.#send(path, {}));
  }

  async post(path: string, body: object): Promise<RunSaid> {
    return runSaid.parse(await this.postFor(path, body));
  }

  /** What stands there, to be read by the caller. */
  getFor(path: string): Promise<unknown> {
    return this.#send(path, {});
  }

  postFor(path: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return this.#send(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Operations of RFC 6902, on the version that was read. */
  patchFor(path: string, operations: readonly object[], version: number): Promise<unknown> {
    const headers = { 'content-type': 'application/json-patch+json', 'if-match': `"${version}"` };
    return this.#send(path, { method: 'PATCH', headers, body: JSON.stringify(operations) });
  }

  /** A run's events as they come, after a cursor. Throws `API_UNREACHABLE` where the connection is lost. */
  async *stream(path: string, after: string | undefined): AsyncGenerator<StreamEvent, void, undefined> {
    const headers = { accept: 'text/event-stream', ...(after !== undefined && { 'last-event-id': after }) };
    const { body } = await this.#answer(path, { headers });
    if (!body) return;
    try {
      for await (const { data } of sentEvents(body)) yield streamEvent.parse(JSON.parse(data));
    } catch (cause) {
      throw this.#unreachable(cause);
    }
  }

  async #send(path: string, init: RequestInit): Promise<unknown> {
    const answer = await this.#answer(path, init);
    const body: unknown = await answer.json().catch(() => undefined);
    return body;
  }

  /** Throws what the api refuses with, as the error that it means. */
  async #answer(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${this.#token}`);
    const answer = await fetch(this.#url + path, { ...init, headers }).catch((cause: unknown) => {
      throw this.#unreachable(cause);
    });
    if (answer.ok) return answer;
    const body: unknown = await answer.json().catch(() => undefined);
    throw errorOf(answer.status, isObject(body) ? body : {});
  }

  #unreachable(cause: unknown): RetryableError {
    const next = 'Start it with summit up, or give --url.';
    return new RetryableError('API_UNREACHABLE', `nothing answers at ${this.#url}`, next, { cause });
  }
}

function errorOf(status: number, problem: Readonly<Record<string, unknown>>): SummitError {
  const text = (name: string, otherwise: string): string => {
    const value = problem[name];
    return typeof value === 'string' ? value : otherwise;
  };
  const code = text('code', 'API_FAILED');
  const message = text('detail', `the api answered ${status}`);
  const next = text('next', `Look into the log of the api; trace ${text('traceId', 'unknown')}.`);
  if (status === 401 || status === 403) return new RefusedError(code, message, next);
  if (status === 404) return new NotFoundError(code, message, next);
  if (status === 409) return new ConflictError(code, message, next);
  if (status >= 500) return new RetryableError(code, message, next);
  return new InvalidInputError(code, message, next);
}

function urlOf(given: Given): string {
  const processes = readStackState(dataDirOf(given.text('data')))?.processes;
  const running = processes?.find(({ name }) => name === 'api' || name === 'host')?.url;
  const url = given.text('url') ?? process.env['SUMMIT_URL'] ?? running;
  if (url) return url.replace(/\/$/, '');
  throw new NotFoundError('NO_API', 'no api to talk to', 'Give --url or SUMMIT_URL, or start one: summit up');
}

async function tokenOf(given: Given, otherwise: string): Promise<string> {
  const token = process.env['SUMMIT_TOKEN'];
  if (token && given.text('as') === undefined) return token;
  const user = given.text('as') ?? otherwise;
  const roles = [DEVELOPER, REVIEWER].find((known) => known.user === user)?.roles ?? [];
  return developmentToken(given, { tenant: given.text('tenant') ?? TENANT, user, roles });
}

/** JSON of the command line. Throws `WRONG_USAGE`. */
export function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw wrongUsage(`${what} is not JSON: ${text.slice(0, 80)}`);
  }
}

/** A run's id as part of a path. */
export function runPath(runId: string | undefined): string {
  return `/v1/runs/${encodeURIComponent(runId ?? '')}`;
}
