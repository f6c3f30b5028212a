import { describe, expect, it } from '@jest/globals';
import { KeptThread } from './kept-thread.ts';

/** Says its data, then waits for a message; `fail` ends it at once. */
const entry = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.postMessage(workerData);
    if (workerData === 'fail') process.exit(3);
    parentPort.once('message', () => parentPort.close());
  `)}`,
);

function keep(data: string): {
  thread: KeptThread;
  said: unknown[];
  errors: object[];
  heard: (n: number) => Promise<void>;
} {
  const said: unknown[] = [];
  const errors: object[] = [];
  let check = (): void => undefined;
  const thread = new KeptThread({
    name: 'test',
    entry,
    data,
    log: { error: (fields: object) => void errors.push(fields) },
    onMessage: (message) => {
      said.push(message);
      check();
    },
  });
  const heard = (n: number): Promise<void> =>
    new Promise((resolve) => {
      check = () => {
        if (said.length >= n) resolve();
      };
      check();
    });
  return { thread, said, errors, heard };
}

describe('KeptThread', () => {
  it('gives a thread its data, hears it, and ends it in order', async () => {
    const { thread, said, errors, heard } = keep('hello');
    await heard(1);
    await thread.close();
    expect({ said, errors }).toEqual({ said: ['hello'], errors: [] });
  });

  it('starts another where one ended by itself, and says so', async () => {
    const { thread, said, errors, heard } = keep('fail');
    await heard(2);
    await thread.close();
    expect(said).toEqual(['fail', 'fail']);
    expect(errors[0]).toMatchObject({ thread: 'test', code: 3, againMs: 500 });
  });
});
