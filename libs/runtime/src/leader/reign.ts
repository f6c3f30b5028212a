import { errorRecord } from '@summit/kernel';
import { type Log } from '../log.ts';
import { Leader, type LeaderOptions } from './leader.ts';

/** Between tries to lead, milliseconds. */
const RETRY_MS = 500;

/**
 * Leads a partition for as long as the process lives: opens a leader, and another one when it was lost. State is
 * never mended, always read again.
 */
export class Reign {
  readonly #options: Omit<LeaderOptions, 'onLost' | 'incarnation'>;
  readonly #incarnation: (n: number) => string;
  readonly #log: Log;
  #leader: Leader | undefined;
  #reigns = 0;
  /** The reign that leads, or led last. */
  #led = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: Omit<LeaderOptions, 'onLost' | 'incarnation'>, incarnation: string) {
    this.#options = options;
    this.#incarnation = (n) => `${incarnation}-${String(n)}`;
    this.#log = options.log;
  }

  /** The leader, where there is one now. */
  get leader(): Leader | undefined {
    return this.#leader;
  }

  /** Resolves when the partition is led for the first time. Rejects where its journal is broken. */
  async start(): Promise<void> {
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
    const { epoch, runs } = leader.figures;
    this.#log.info(
      { partition, epoch, runs, ms: Math.round(performance.now() - started) },
      'leads the partition',
    );
  }

  async close(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#leader?.close();
  }

  /** Only a reign that began can be lost; one that was beaten to it rejects {@link start}. */
  #lost(reign: number, reason: string): void {
    if (this.#led !== reign) return;
    this.#leader = undefined;
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
