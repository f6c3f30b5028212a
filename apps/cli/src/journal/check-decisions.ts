import { decodeCommit, type Decision, type DecodedCommit } from '@summit/events';
import { canonicalJson, hasCode } from '@summit/kernel';
import { type DenialCode, type PolicyAnswer, ROOT_ENTRY } from '@summit/policy';
import { type Bundle, opaPolicyEngine, type OpaPolicyEngine } from '@summit/policy-opa';
import { type Vault } from '@summit/vault';
import { type NatsConnection } from '@nats-io/transport-node';
import { allBundles } from './bundles.ts';
import { type LookIntoCommit } from './check-partition.ts';
import { Found, type Place } from './place.ts';

/** What became of the decisions. */
export interface DecisionReport {
  /** Evaluated again, to the same bytes. */
  readonly same: number;
  /** Why others were not, and how many. */
  readonly unchecked: Readonly<Record<string, number>>;
  /** Commits whose seal was opened. */
  readonly opened: number;
}

/**
 * Denials that nothing can show again: they say what kept the engine from an answer, there and then. One that ran out
 * of work (`POLICY_TIMEOUT`) is none of them: work is counted, and runs out at the same place on any machine.
 */
const CIRCUMSTANCES: Readonly<Partial<Record<DenialCode, string>>> = {
  POLICY_SUSPENDED: 'denied without an evaluation, after others of their policy had run out',
  POLICY_ERROR: 'the engine itself denied them',
  NO_BUNDLE: 'the engine itself denied them',
  POLICY_BAD_SIGNATURE: 'the engine itself denied them',
};

/** A check with the release's bundles, and with those that a bus stores where there is one. */
export async function decisionCheck(vault: Vault, nc?: NatsConnection): Promise<DecisionCheck> {
  const { root, bundles } = await allBundles(nc);
  return new DecisionCheck(vault, root, bundles);
}

/** Opens commits and evaluates their decisions again, each by the bundle that it names. */
export class DecisionCheck {
  readonly #vault: Vault;
  readonly #root: Bundle;
  readonly #bundles: ReadonlyMap<string, Bundle>;
  readonly #engines = new Map<string, OpaPolicyEngine>();
  readonly #unchecked: Record<string, number> = {};
  #same = 0;
  #opened = 0;

  /** `bundles` by the identity that decisions name ({@link PolicyAnswer.policy}). */
  constructor(vault: Vault, root: Bundle, bundles: readonly Bundle[]) {
    this.#vault = vault;
    this.#root = root;
    this.#bundles = new Map([root, ...bundles].map((bundle) => [bundle.identity.policy, bundle]));
  }

  report(): DecisionReport {
    return { same: this.#same, unchecked: this.#unchecked, opened: this.#opened };
  }

  /** Throws {@link Found} where a seal does not hold, or a decision comes out otherwise. */
  readonly look: LookIntoCommit = ({ partition, line, place }) => {
    const decoded = this.#open(partition, line, place);
    if (!decoded) return;
    this.#opened += 1;
    for (const decision of decoded.commit.decisions) this.#evaluate(decoded.commit.tenant, decision, place);
  };

  #open(partition: number, line: string, place: Place): DecodedCommit | undefined {
    try {
      const decoded = decodeCommit(partition, line, this.#vault);
      if (!decoded.erased) return decoded;
      this.#skip('their key was destroyed', decoded.commit.decisions.length);
    } catch (error) {
      if (hasCode(error, 'SEAL_BROKEN'))
        throw new Found(place, 'the sealed part is not the one that was sealed');
      if (!hasCode(error, 'KEY_UNKNOWN')) throw error;
      this.#skip('their key is not here', decisionsIn(line));
    }
    return undefined;
  }

  #evaluate(tenant: string, decision: Decision, place: Place): void {
    const { entry, policy, input } = decision;
    const engine = this.#engine(policy);
    const why = engine ? whyNot(decision) : 'their bundle is not here';
    if (!engine || input === undefined || why !== undefined) {
      this.#skip(why ?? '', 1);
      return;
    }
    const [answer] = engine.decide([{ tenant, entry, input }]);
    const [recorded, again] = [canonicalJson(recordOf(decision)), canonicalJson(answer && recordOf(answer))];
    if (recorded !== again)
      throw new Found(
        place,
        `a decision of ${entry} comes out otherwise: recorded ${recorded}, now ${again}`,
      );
    this.#same += 1;
  }

  #engine(policy: string): OpaPolicyEngine | undefined {
    const known = this.#engines.get(policy);
    const bundle = this.#bundles.get(policy);
    if (known || !bundle) return known;
    const decidesRoot = bundle.entries.has(ROOT_ENTRY);
    const root = decidesRoot ? bundle : this.#root;
    const engine = opaPolicyEngine({ root, fallback: bundle, patient: true });
    this.#engines.set(policy, engine);
    return engine;
  }

  #skip(why: string, count: number): void {
    if (count > 0) this.#unchecked[why] = (this.#unchecked[why] ?? 0) + count;
  }
}

/** Why a decision can not be evaluated again; undefined where it can. */
function whyNot({ input, verdict, reasons = [] }: Decision): string | undefined {
  if (input === undefined) return 'their input is not recorded';
  if (verdict !== 'deny') return undefined;
  return Object.entries(CIRCUMSTANCES).find(([code]) => reasons[0]?.startsWith(`${code}:`))?.[1];
}

/** What is recorded of an answer. */
function recordOf({
  policy,
  verdict,
  reasons = [],
  obligations = [],
  patch,
}: Decision | PolicyAnswer): object {
  return { policy, verdict, reasons, obligations, ...(patch !== undefined && { patch }) };
}

/** Decisions stand in clear, without their inputs. */
function decisionsIn(line: string): number {
  return line.split('"verdict":').length - 1;
}
