import { describe, expect, it } from '@jest/globals';
import { Deliveries } from './deliveries.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Tells that it was delivered, and brings microtasks that tell of themselves. */
function chain(seen: string[], name: string, length: number): () => void {
  return () => {
    seen.push(name);
    let promise = Promise.resolve();
    for (let i = 1; i <= length; i++) {
      promise = promise.then(() => {
        seen.push(`${name}${String(i)}`);
      });
    }
  };
}

const failures = (): { readonly errors: unknown[]; readonly deliveries: Deliveries } => {
  const errors: unknown[] = [];
  return { errors, deliveries: new Deliveries((error) => errors.push(error)) };
};

describe('deliveries', () => {
  it('[C1.4] every microtask that one brings comes before the next', async () => {
    const seen: string[] = [];
    const { deliveries } = failures();
    for (const name of ['a', 'b', 'c']) deliveries.push(chain(seen, name, 3));
    await turn();
    expect(seen).toEqual(['a', 'a1', 'a2', 'a3', 'b', 'b1', 'b2', 'b3', 'c', 'c1', 'c2', 'c3']);
  });

  it('[C1.4] the past comes first, and after what had begun already', async () => {
    const seen: string[] = [];
    const { deliveries } = failures();
    chain(seen, 'start', 2)();
    deliveries.begin([chain(seen, 'x', 1), chain(seen, 'y', 0)][Symbol.iterator]());
    deliveries.push(chain(seen, 'new', 0));
    await turn();
    expect(seen).toEqual(['start', 'start1', 'start2', 'x', 'x1', 'y', 'new']);
  });

  it('[C1.4] two queues do not disturb each other, whoever joins in a tick between them', async () => {
    const seen: string[] = [];
    const [one, two] = [failures().deliveries, failures().deliveries];
    one.push(chain(seen, 'a', 4));
    one.push(chain(seen, 'b', 0));
    process.nextTick(() => {
      two.push(chain(seen, 'x', 6));
      two.push(chain(seen, 'y', 0));
    });
    await turn();
    const before = (first: string, second: string): boolean => seen.indexOf(first) < seen.indexOf(second);
    expect(seen).toHaveLength(14);
    expect(before('a4', 'b')).toBe(true);
    expect(before('x6', 'y')).toBe(true);
  });

  it('a delivery that goes wrong is told; the next one is made', async () => {
    const seen: string[] = [];
    const { deliveries, errors } = failures();
    deliveries.push(() => {
      throw new Error('no');
    });
    deliveries.push(chain(seen, 'a', 0));
    await turn();
    expect(errors).toMatchObject([{ message: 'no' }]);
    expect(seen).toEqual(['a']);
  });

  it('delivers nothing after it was stopped', async () => {
    const seen: string[] = [];
    const { deliveries } = failures();
    deliveries.push(chain(seen, 'a', 1));
    deliveries.push(chain(seen, 'b', 0));
    deliveries.stop();
    deliveries.push(chain(seen, 'c', 0));
    await turn();
    expect(seen).toEqual(['a', 'a1']);
  });
});
