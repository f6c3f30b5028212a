import { LEASE_MS, type Leadership } from '@summit/journal';
import { errorRecord } from '@summit/kernel';
import { type Log } from '../log.ts';
import { Leader, type LeaderOptions } from './leader.ts';

/** Between tries to lead, milliseconds. */
const RETRY_MS = 500;
/** Between renewals of the lease, milliseconds: two may be missed. */
const RENEW_MS = LEASE_MS / 3;

export interface ReignOptions extends Omit<LeaderOptions, 'onLost' | 'incarnation'> {
  /** Says who should try to lead; without it this process always does. */
  readonly leadership?: Leadership;
  /** Serves a partition that is led from now on; what it gives is called when it is no longer. */
  readonly serve?: (leader: Leader) => () => void;
}

/**
 * Leads a partition for as long as the process lives, where no other process should: opens a leader, and another one
 * when it was lost. State is never mended, always read again.
 */
export class Reign {
  readonly #options: ReignOptions;
  readonly #incarnation: (n: number) => string;
  readonly #log: Log;
  #leader: Leader | undefined;
  #reigns = 0;
  /** The reign that leads, or led last. */
  #led = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #unserve: () => void = () => undefined;

  constructor(options: ReignOptions, incarnation: string) {
    this.#options = options;
    this.#incarnation = (n) => `${incarnation}-${String(n)}`;
    this.#log = options.log;
  }

  /** The leader, where there is one now. */
  get leader(): Leader | undefined {
    return this.#leader;
  }

  /**
   * Resolves when the partition is led for the first time, or another process has its lease: then this one stands by.
   * Rejects where the journal is broken.
   */
  async start(): Promise<void> {
    const { partition, leadership } = this.#options;
    if (leadership && !(await leadership.hold(partition))) {
      this.#again();
      return;
    }
    this.#renew();
    try {
      await this.#lead();
    } catch (error) {
      this.#rest();
      throw error;
    }
  }

  async #lead(): Promise<void> {
    const { partition } = this.#options;
    const started = performance.now();
    const reign = ++this.#reigns;
    const leader = await Leader.open({
      ...this.#options,
      incarnation: this.#incarnation(reign),
      onLost: (reason) => {
        this.#lost(reign, reason);
      },
    });
    if (this.#stopped) {
      await leader.close();
      return;
    }
    this.#leader = leader;
    this.#led = reign;
    this.#unserve = this.#options.serve?.(leader) ?? this.#unserve;
    const { epoch, runs } = leader.figures;
    this.#log.info(
      { partition, epoch, runs, ms: Math.round(performance.now() - started) },
      'leads the partition',
    );
  }

  async close(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#rest();
    await this.#leader?.close();
    const { leadership, partition } = this.#options;
    if (this.#leader) await leadership?.release(partition).catch(() => undefined); // it lapses too
  }

  /** Nothing is served and nothing is renewed any more. */
  #rest(): void {
    clearInterval(this.#renewal);
    this.#unserve();
    this.#unserve = () => undefined;
  }

  /** A lease that is another's by now is no reason to stop: who may write, the journal says. // I2 */
  #renew(): void {
    const { leadership, partition } = this.#options;
    clearInterval(this.#renewal);
    if (!leadership || this.#stopped) return;
    this.#renewal = setInterval(() => {
      leadership.hold(partition).catch((error: unknown) => {
        this.#log.debug({ partition, err: errorRecord(error) }, 'the lease could not be renewed');
      });
    }, RENEW_MS);
  }

  /** Only a reign that began can be lost; one that was beaten to it rejects {@link start}. */
  #lost(reign: number, reason: string): void {
    if (this.#led !== reign) return;
    this.#leader = undefined;
    this.#rest();
    if (this.#stopped) return;
    this.#log.warn({ partition: this.#options.partition, reason }, 'lost the partition');
    this.#again();
  }

  /** One try at a time. */
  #again(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#stopped) return;
      this.start().catch((error: unknown) => {
        this.#log.error(
          { partition: this.#options.partition, ...errorRecord(error) },
          'can not lead the partition',
        );
        this.#again();
      });
    }, RETRY_MS);
  }
}
