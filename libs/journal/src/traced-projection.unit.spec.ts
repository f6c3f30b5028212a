import { type SpanOptions, type Tracing, RetryableError } from '@summit/kernel';
import { describe, expect, it } from '@jest/globals';
import { JOURNAL_START } from './chain.ts';
import { type FollowedGroup } from './follow.ts';
import { type Projection } from './project.ts';
import { tracedProjection } from './traced-projection.ts';

const trace = (n: number): string => `00-${String(n).repeat(32)}-${String(n).repeat(16)}-01`;
const lineOf = (text: string): string => `{"tenant":"acme","trace":"${text}","events":[],"sealed":"x"}`;
const group = (sequence: number, traces: readonly string[]): FollowedGroup => ({
  sequence,
  pending: 0,
  header: { v: 1, partition: 0, generation: 1, epoch: 1, groupId: 'g', prev: '0'.repeat(64) },
  headerLine: '',
  digest: '0'.repeat(64),
  commits: traces.map((text) => ({ line: lineOf(text), digest: '0'.repeat(64) })),
});

interface Told extends SpanOptions {
  readonly name: string;
  failure?: string | undefined;
  ended: boolean;
  inside: boolean;
}

/** Remembers the spans it made. */
function listener(): { readonly told: Told[]; readonly tracing: Tracing } {
  const told: Told[] = [];
  const span: Tracing['span'] = (name, options) => {
    const one: Told = { name, ...options, ended: false, inside: false };
    told.push(one);
    return {
      traceparent: trace(9),
      run: (body) => {
        one.inside = true;
        return body();
      },
      end: (_attributes, failure) => {
        one.ended = true;
        one.failure = failure;
      },
    };
  };
  return { told, tracing: { span } };
}

const taking = (apply: () => Promise<void>): Projection => ({
  position: () => Promise.resolve(undefined),
  apply,
});

describe('a traced projection', () => {
  it('makes a span of each batch, linked to the traces of its commits, each once', async () => {
    const { told, tracing } = listener();
    const traced = tracedProjection(
      taking(() => Promise.resolve()),
      { name: 'lists', partition: 3, tracing },
    );
    await traced.apply([group(1, [trace(1), '']), group(2, [trace(1), trace(2)])], JOURNAL_START);
    expect(told).toMatchObject([
      {
        name: 'project lists',
        links: [trace(1), trace(2)],
        attributes: { 'summit.partition': 3, 'summit.groups': 2, 'summit.sequence': 2 },
        inside: true,
        ended: true,
        failure: undefined,
      },
    ]);
  });

  it('names what it failed with, and fails with it', async () => {
    const { told, tracing } = listener();
    const fails = taking(() => Promise.reject(new RetryableError('DATABASE_AWAY', 'it is away', 'Wait.')));
    const traced = tracedProjection(fails, { name: 'lists', partition: 0, tracing });
    await expect(traced.apply([group(1, [])], JOURNAL_START)).rejects.toMatchObject({
      code: 'DATABASE_AWAY',
    });
    expect(told[0]).toMatchObject({ ended: true, failure: 'DATABASE_AWAY' });
  });

  it('is the projection itself where there is no tracer', () => {
    const projection = taking(() => Promise.resolve());
    expect(tracedProjection(projection, { name: 'lists', partition: 0, tracing: undefined })).toBe(
      projection,
    );
  });
});
