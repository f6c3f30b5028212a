import { setTimeout as delay } from 'node:timers/promises';
import type { SummitStack } from '../stack.ts';

/** All samples of a metric together, of a text in Prometheus' format 0.0.4; undefined where it is not there. */
export function metricIn(text: string, name: string): number | undefined {
  const samples = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+-]+)$`, 'gm'))];
  return samples.length === 0 ? undefined : samples.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** A metric of a service as it is now. Throws where the service has none of that name. */
export async function metricOf({ url, urls }: SummitStack, service: string, name: string): Promise<number> {
  const value = metricIn(await (await fetch(`${urls[service] ?? url}/metrics`)).text(), name);
  if (value !== undefined) return value;
  throw new Error(`${service} has no metric ${name}`);
}

/** Looks again and again until it is told to stop, and answers then what it saw. */
export function sampled(look: () => Promise<number>, everyMs: number): () => Promise<number[]> {
  const stop = new AbortController();
  const samples: number[] = [];
  const done = (async () => {
    while (!stop.signal.aborted) {
      samples.push(await look());
      await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
    return samples;
  })();
  done.catch(() => undefined); // who stops it is told
  return () => {
    stop.abort();
    return done;
  };
}
