import { beforeEach, describe, expect, it } from '@jest/globals';
import { silentLog } from '@summit/runtime';
import { RunStream } from '@summit/streams';
import { Historian } from '@summit/streams/history.fixture';
import { TestJournal } from '../streams/journal.fixture.ts';
import { type EventMessage, PartitionPublisher } from './partition-publisher.ts';

const RUN = 'run_00_000000000aaaaaaaa';
const OTHER = 'run_00_000000000bbbbbbbb';

let journal: TestJournal;
let end: AbortController;
let published: EventMessage[];
beforeEach(() => {
  journal = new TestJournal();
  end = new AbortController();
  published = [];
});

/** A publisher that stops after so many messages. */
async function publish(
  enough: number,
  from = 0,
  faults: (n: number) => boolean = () => false,
): Promise<number> {
  let tries = 0;
  const publisher = new PartitionPublisher({
    source: journal.source,
    publish: (message) => {
      if (faults(tries++)) return Promise.reject(new Error('no answer'));
      published.push(message);
      if (published.length >= enough) end.abort();
      return Promise.resolve();
    },
    from,
    log: silentLog,
    signal: end.signal,
  });
  await publisher.run();
  return publisher.position;
}

function ran(runId: string): Historian {
  const historian = new Historian(runId);
  historian.start();
  historian.deed({ do: 'tool', fails: 0, ends: 'well' });
  historian.commit({ type: 'RunCompleted', v: 1, basis: 0, data: { output: 'done' } });
  return historian;
}

describe('the publisher of a partition', () => {
  it('[C2.2] says of each commit what a stream says, once, in the order of the journal', async () => {
    const [one, other] = [ran(RUN), ran(OTHER)];
    for (const [i, commit] of one.commits.entries()) journal.append(commit, ...other.commits.slice(i, i + 1));
    await publish(8);
    const streams = [one, other].map(({ commits }) => {
      const stream = new RunStream();
      return commits.flatMap((commit) => stream.apply(commit));
    });
    for (const [i, runId] of [RUN, OTHER].entries()) {
      const mine = published.filter((message) => message.runId === runId);
      expect(mine.flatMap(({ events }) => events)).toEqual(streams[i]);
      expect(mine.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    }
  });

  it('[C2.4] goes on after a restart in the middle of a run', async () => {
    const { commits } = ran(RUN);
    for (const commit of commits) journal.append(commit);
    await publish(2, 2);
    expect(published.map(({ version }) => version)).toEqual([3, 4]);
    expect(published[0]?.events[0]).toMatchObject({ type: 'tool_result', stepId: 'tool#0', threadId: 't 1' });
  });

  it('publishes again, under the same id, what was not answered', async () => {
    const { commits } = ran(RUN);
    journal.append(...commits);
    await publish(5, 0, (n) => n === 1);
    const ids = published.map(({ commitId }) => commitId);
    expect(new Set(ids).size).toBe(4);
    expect(ids.filter((id) => id === ids[0]).length).toBeGreaterThan(1);
  });
});
