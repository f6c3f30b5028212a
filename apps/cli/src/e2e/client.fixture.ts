import { DevelopmentTokens } from '@summit/platform';
import { waitFor } from '@summit/servers';
import { z } from 'zod';

/** A run, or a problem: what the api answers. */
const said = z.looseObject({
  runId: z.string().optional(),
  threadId: z.string().optional(),
  status: z.union([z.string(), z.number()]).optional(),
  waitingFor: z.array(z.string()).optional(),
  output: z.unknown().optional(),
  error: z.looseObject({ code: z.string() }).optional(),
  code: z.string().optional(),
  next: z.string().optional(),
  traceId: z.string().optional(),
});
export type Said = z.infer<typeof said>;

export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Said;
}

/** Makes somebody's token. */
export type TokenOf = (who: Required<Who>) => Promise<string>;

export interface Who {
  readonly tenant?: string;
  readonly user?: string;
  readonly roles?: readonly string[];
}

const ENDED = ['completed', 'failed', 'cancelled'];

/** Speaks to the api of a stack as one user. */
export class Client {
  readonly url: string;
  readonly token: string;

  private constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  static of(url: string, dataDir: string, who: Who = {}): Promise<Client> {
    return Client.by(url, (identity) => new DevelopmentTokens(dataDir).sign(identity), who);
  }

  static async by(url: string, tokenOf: TokenOf, who: Who): Promise<Client> {
    const { tenant = 'acme', user = 'developer', roles = ['operator'] } = who;
    return new Client(url, await tokenOf({ tenant, user, roles }));
  }

  async send(path: string, init: RequestInit = {}): Promise<HttpAnswer> {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${this.token}`);
    const answer = await fetch(this.url + path, { ...init, headers, signal: AbortSignal.timeout(90_000) });
    const type = answer.headers.get('content-type') ?? '';
    return { status: answer.status, type, body: said.parse(JSON.parse((await answer.text()) || '{}')) };
  }

  /** A page. */
  async text(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await fetch(this.url + path);
    return { status: answer.status, text: await answer.text() };
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    const json = { 'content-type': 'application/json', ...headers };
    return this.send(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
  }

  /** Sends the same command under the same id until it is answered, as clients do while a server is away. */
  async insist(path: string, body: unknown, commandId: string): Promise<HttpAnswer> {
    const answer = await waitFor(
      async () => {
        const got = await this.post(path, body, { 'idempotency-key': commandId }).catch(() => undefined);
        return got && got.status < 500 ? got : undefined;
      },
      { deadlineMs: 120_000, everyMs: 200 },
    );
    if (!answer) throw new Error(`${path} was not answered for two minutes`);
    return answer;
  }

  /** The run when it has ended, or as it was at the deadline. */
  async end(runId: string, deadlineMs = 60_000): Promise<Said> {
    return this.until(runId, ({ status }) => ENDED.includes(String(status)), deadlineMs);
  }

  async until(runId: string, isIt: (run: Said) => boolean, deadlineMs = 60_000): Promise<Said> {
    let last: Said = {};
    const seen = await waitFor(
      async () => {
        const answer = await this.send(`/v1/runs/${runId}?wait=1`).catch(() => undefined);
        if (answer?.status === 200) last = answer.body;
        return answer?.status === 200 && isIt(last) ? last : undefined;
      },
      { deadlineMs, everyMs: 100 },
    );
    return seen ?? last;
  }
}
