/** What arrives while nobody looks, as one batch. Reads ahead until a batch is full, then waits until it is taken. */
export async function* gather<T>(
  source: AsyncIterable<T>,
  weigh: (one: T) => number,
  full: number,
): AsyncGenerator<readonly T[], void, undefined> {
  const arrived = new Gate();
  const taken = new Gate();
  let waiting: T[] = [];
  let weight = 0;
  let ended: { readonly error?: unknown } | undefined;
  const fill = async (): Promise<void> => {
    for await (const one of source) {
      waiting.push(one);
      weight += weigh(one);
      arrived.open();
      if (weight >= full) await taken.passed();
    }
  };
  const end = (how: { readonly error?: unknown }): void => {
    ended = how;
    arrived.open();
  };
  fill().then(
    () => {
      end({});
    },
    (error: unknown) => {
      end({ error });
    },
  );
  for (;;) {
    await arrived.passed();
    const batch = waiting;
    [waiting, weight] = [[], 0];
    if (!ended) arrived.close();
    taken.open();
    taken.close();
    if (batch.length > 0) yield batch;
    else if (ended) break;
  }
  if ('error' in ended) throw ended.error;
}

/** Closed at first. */
class Gate {
  #passed: Promise<void>;
  #open!: () => void;

  constructor() {
    this.#passed = this.#shut();
  }

  passed(): Promise<void> {
    return this.#passed;
  }

  open(): void {
    this.#open();
  }

  close(): void {
    this.#passed = this.#shut();
  }

  #shut(): Promise<void> {
    return new Promise((resolve) => (this.#open = resolve));
  }
}
