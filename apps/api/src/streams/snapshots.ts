import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { stateHash } from '@summit/engine';
import { isObject, type Json } from '@summit/kernel';
import { type CommandGateway, type Query } from '@summit/runtime';
import { cursorText, STREAM_START, type StreamEvent } from '@summit/streams';
import { GATEWAY } from '../runs/gateway.ts';
import { type RunName } from './run-lines.ts';

/** A stream does not wait longer than this for its snapshot, milliseconds: a partition may be without a leader. */
const PATIENCE_MS = 2_000;

/** What a stream without a cursor begins with: the run and its thread's state, as their leader has them now. */
@Injectable()
export class Snapshots {
  readonly #gateway: CommandGateway;

  constructor(@Inject(GATEWAY) gateway: CommandGateway) {
    this.#gateway = gateway;
  }

  /** Nothing where no leader says it in time, or none remembers the run: its events say all. */
  async of({ tenant, runId }: RunName): Promise<StreamEvent[]> {
    const run = await this.#ask({ tenant, runId });
    const threadId = isObject(run) ? run['threadId'] : undefined;
    if (run === undefined || typeof threadId !== 'string') return [];
    const thread = await this.#ask({ tenant, threadId, state: {} });
    if (!isObject(thread)) return [];
    const { state, version } = thread as Readonly<Record<string, Json>>;
    if (state === undefined || typeof version !== 'number') return [];
    const head = { cursor: cursorText(STREAM_START), runId, threadId, at: Date.now() };
    return [{ ...head, type: 'snapshot', run, state, stateVersion: version, hash: stateHash(state) }];
  }

  async #ask(query: Query): Promise<Json | undefined> {
    const late = new AbortController();
    const answer = await Promise.race([
      this.#gateway.query(query),
      delay(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    return answer?.ok === true ? answer.value : undefined;
  }
}
