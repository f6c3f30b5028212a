/** A closed loop: so many callers, each starting its next call when its last has ended. */
export interface Load {
  /** Wall time of the whole, in seconds. */
  readonly seconds: number;
  /** How long each call took, in milliseconds, in the order in which they ended. */
  readonly latenciesMs: readonly number[];
}

/** Makes `total` calls, never more than `concurrency` at once. The first call that fails ends it. */
export async function closedLoop(
  total: number,
  concurrency: number,
  call: (index: number) => Promise<void>,
): Promise<Load> {
  const latenciesMs: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(concurrency, total) }, async () => {
      while (next < total) {
        const index = next++;
        const begun = performance.now();
        await call(index);
        latenciesMs.push(performance.now() - begun);
      }
    }),
  );
  return { seconds: (performance.now() - started) / 1000, latenciesMs };
}

/** The value below which the given share (0…1) of the samples lies; NaN of none. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle one; of an even number of samples, the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
