import { type ApprovalState, type RunState } from '@summit/engine';
import { isObject, type Json } from '@summit/kernel';
import { type House } from './house.ts';
import { type Answered, type Asked, type TestOptions } from './tested-run.ts';

/** The people and programs around a run, as the test plays them: each question and each wait once. */
export class Outsiders {
  /** What people were asked, in order. */
  readonly asked: Asked[] = [];
  readonly #house: House;
  readonly #options: TestOptions;
  readonly #heard = new Set<string>();
  readonly #sent = new Map<string, number>();

  constructor(house: House, options: TestOptions) {
    this.#house = house;
    this.#options = options;
  }

  /** Answers a question or sends a signal; false where there is nothing to say. */
  async act(run: RunState): Promise<boolean> {
    for (const approval of run.approvals.values()) if (await this.#answer(approval)) return true;
    for (const { kind, name, stepKey } of run.open.values()) {
      if (kind === 'signal' && (await this.#signal(run.runId, name, stepKey))) return true;
    }
    return false;
  }

  async #answer(approval: ApprovalState): Promise<boolean> {
    const { approvalId, ask, answers } = approval;
    const asked = askedOf(approval);
    if (!this.#isNew(approvalId, String(answers.length), ask.roles.join(' '))) return false;
    if (answers.length === 0) this.asked.push(asked);
    const answer = this.#options.approve?.(asked);
    if (!answer) return false;
    const { actionHash, roles } = ask;
    const body = { verb: 'approval.decide', approvalId, actionHash, ...bodyOf(answer) } as const;
    await this.#house.submit(body, { name: `reviewer-${String(answers.length + 1)}`, roles });
    return true;
  }

  async #signal(runId: string, name: string, stepKey: string): Promise<boolean> {
    const sent = this.#sent.get(name) ?? 0;
    const payload = this.#options.signals?.[name]?.[sent];
    if (payload === undefined || !this.#isNew('signal', stepKey)) return false;
    this.#sent.set(name, sent + 1);
    await this.#house.submit({ verb: 'run.signal', runId, name, payload }, { name: 'sender', roles: [] });
    return true;
  }

  #isNew(...what: readonly string[]): boolean {
    const key = what.join('\n');
    if (this.#heard.has(key)) return false;
    this.#heard.add(key);
    return true;
  }
}

function bodyOf(answer: Answered): { decision: Answered['decision']; reason?: string; action?: Json } {
  return answer;
}

function askedOf({ name, ask: { reasons, roles, shown } }: ApprovalState): Asked {
  const args = isObject(shown) && shown['arguments'] !== undefined ? shown['arguments'] : shown;
  return { name, reasons, roles, arguments: args };
}
