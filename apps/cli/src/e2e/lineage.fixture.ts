import { DevelopmentTokens } from '@summit/platform';
import { waitFor } from '@summit/servers';
import { z } from 'zod';
import { lineageSchema } from '../verbs/lineage.ts';
import type { Who } from './client.fixture.ts';
import type { TestStack } from './stack.fixture.ts';

export type LineageSaid = z.infer<typeof lineageSchema>;

const healthSchema = z.object({
  partitions: z.array(z.looseObject({ pending: z.int(), waiting: z.string().optional() })),
});
const digestSchema = z.object({ digest: z.string(), nodes: z.int(), edges: z.int() });
const rebuiltSchema = z.object({
  before: digestSchema,
  after: digestSchema,
});

/** Speaks to the provenance-graph of a stack that has its services apart. */
export class GraphClient {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  static async of(stack: TestStack, { tenant = 'acme', user = 'developer' }: Who = {}): Promise<GraphClient> {
    const tokens = new DevelopmentTokens(stack.plan.dataDir);
    const token = await tokens.sign({ tenant, user, roles: ['operator'] });
    return new GraphClient(stack.process('provenance-graph').url ?? '', token);
  }

  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${this.#token}`);
    return fetch(this.#url + path, { ...init, headers, signal: AbortSignal.timeout(120_000) });
  }

  /** The lineage of a run once its end is in the graph. */
  async whole(runId: string, deadlineMs = 60_000): Promise<LineageSaid> {
    const look = async (): Promise<LineageSaid | undefined> => {
      const answer = await this.ask(`/v1/lineage/${runId}`).catch(() => undefined);
      if (!answer?.ok) return undefined;
      const said = lineageSchema.parse(await answer.json());
      return said.nodes.some(({ kind }) => kind === 'Output') ? said : undefined;
    };
    const seen = await waitFor(look, { deadlineMs, everyMs: 200 });
    if (!seen) throw new Error(`the graph did not get ${runId}`);
    return seen;
  }

  async waiting(): Promise<readonly (string | undefined)[]> {
    const { partitions } = healthSchema.parse(await (await this.ask('/healthz')).json());
    return partitions.map(({ waiting }) => waiting);
  }

  /** Figures by name. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const lines = (await (await this.ask('/metrics')).text())
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
  }

  async rebuild(): Promise<z.infer<typeof rebuiltSchema>> {
    const text = await (await this.ask('/v1/rebuild', { method: 'POST' })).text();
    return rebuiltSchema.parse(JSON.parse(text.trim().split('\n').at(-1) ?? ''));
  }
}
