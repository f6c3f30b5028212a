import { defineTool, done, never, NeverHappenedError, type Tool, type ToolContext } from '@summit/sdk';
import { z } from 'zod';

/** The world that effects reach: it counts them by what they did, knows their keys, honours keys where asked, and can void one. */
export class Outside {
  readonly counts = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly #voided = new Set<string>();

  /** An effect of a side that honours keys: a repetition changes nothing. */
  honour(what: string, key: string): void {
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#count(what);
  }

  /** An effect of a side that does not; only a voided key is refused. */
  strike(what: string, key: string): void {
    if (this.#voided.has(key)) throw new NeverHappenedError('the key was voided');
    this.#seen.add(key);
    this.#count(what);
  }

  happened(key: string): boolean {
    return this.#seen.has(key);
  }

  void(key: string): void {
    this.#voided.add(key);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

/** A process that can die between any two steps of a tool. */
export interface Life {
  dead: boolean;
}

/** Time passes; a dead process never comes back from it. */
function delay(life: Life, ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => {
      if (!life.dead) resolve();
    }, ms);
  });
}

const input = z.object({ name: z.string(), ms: z.number() });
type Input = z.infer<typeof input>;
export type OutsideTool = Tool<typeof input, z.ZodString>;

/** The three kinds of effect, as one process would run them. */
export function outsideTools(outside: Outside, life: Life): Record<'keyed' | 'once' | 'blind', OutsideTool> {
  const act =
    (effect: (what: string, key: string) => void) =>
    async ({ name, ms }: Input, { idempotencyKey, runId }: ToolContext) => {
      await delay(life, ms);
      effect(`${name} ${runId}`, idempotencyKey);
      await delay(life, ms);
      return name;
    };
  const base = { input, output: z.string(), timeout: 5000 } as const;
  return {
    keyed: defineTool({
      ...base,
      name: 'keyed',
      effect: 'idempotent',
      execute: act((what, key) => {
        outside.honour(what, key);
      }),
    }),
    once: defineTool({
      ...base,
      name: 'once',
      effect: 'once',
      retry: { maxAttempts: 20, initialMs: 50 },
      execute: act((what, key) => {
        outside.strike(what, key);
      }),
      async reconcile({ name, ms }, { idempotencyKey }) {
        await delay(life, ms);
        if (outside.happened(idempotencyKey)) return done(name);
        outside.void(idempotencyKey);
        return never();
      },
    }),
    blind: defineTool({
      ...base,
      name: 'blind',
      effect: 'once',
      execute: act((what, key) => {
        outside.strike(what, key);
      }),
    }),
  };
}
