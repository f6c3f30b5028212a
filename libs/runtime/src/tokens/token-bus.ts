import { type Token, type TokenAddress, type TokenSink, type TokenSource } from './tokens.ts';

/** UTF-16 code units that are kept over all runs; the runs that began earliest are forgotten first. */
const KEPT = 4 * 1024 * 1024;

interface Run {
  readonly tokens: Token[];
  readonly listeners: Set<(token: Token) => void>;
  length: number;
}

/** Tokens within one process: the twin of the bus. Keeps the newest, so that who comes late hears a call from its start. */
export class TokenBus implements TokenSink, TokenSource {
  readonly #runs = new Map<string, Run>();
  #length = 0;

  publish(address: TokenAddress, token: Token): void {
    const run = this.#run(address);
    run.tokens.push(token);
    run.length += token.delta.length;
    this.#length += token.delta.length;
    for (const hear of run.listeners) hear(token);
    if (this.#length > KEPT) this.#forget();
  }

  listen(address: TokenAddress, hear: (token: Token) => void): () => void {
    const run = this.#run(address);
    for (const token of [...run.tokens]) hear(token);
    run.listeners.add(hear);
    return () => {
      run.listeners.delete(hear);
    };
  }

  // I8
  #run({ tenant, threadId, runId }: TokenAddress): Run {
    const key = `${tenant}\n${threadId}\n${runId}`;
    const known = this.#runs.get(key);
    if (known) return known;
    const run: Run = { tokens: [], listeners: new Set(), length: 0 };
    this.#runs.set(key, run);
    return run;
  }

  #forget(): void {
    for (const [key, run] of this.#runs) {
      if (this.#length <= KEPT) return;
      this.#length -= run.length;
      run.length = run.tokens.length = 0;
      if (run.listeners.size === 0) this.#runs.delete(key);
    }
  }
}
