import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@summit/servers';
import { type Ended, ended, summit } from './verb.fixture.ts';

let dir: string;
let app: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit init '));
  app = join(dir, 'app');
  expect(await summit(['init', 'app'], dir)).toMatchObject({ code: 0, document: { ok: true, dir: app } });
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** What the app has booked: the effects of its tool. */
function bookings(): readonly unknown[] {
  const book = join(app, 'bookings');
  if (!existsSync(book)) return [];
  return readdirSync(book).map((file) => JSON.parse(readFileSync(join(book, file), 'utf8')) as unknown);
}

/** Verbs on a stack with the app, which is ended afterwards. */
async function onStack(work: (here: (...args: string[]) => Promise<Ended>) => Promise<void>): Promise<void> {
  const data = mkdtempSync(join(dir, 'data-'));
  const here = (...args: string[]): Promise<Ended> => summit([...args, '--data', data], dir);
  try {
    const ports = ['--port', '0', '--nats-port', '0'];
    const up = await here('up', '--app', 'app', '--only', 'core', ...ports);
    expect(up).toMatchObject({ code: 0, document: { ok: true } });
    await work(here);
  } finally {
    expect((await here('down')).code).toBe(0);
  }
}

type Here = Parameters<Parameters<typeof onStack>[0]>[0];

const message = (text: string): string[] => ['run', 'desk', '--message', text];

/** The first run's answer, tried until the executor has introduced itself. */
async function answered(here: Here, text: string): Promise<Ended | undefined> {
  const look = async (): Promise<Ended | undefined> => {
    const said = await here(...message(text), '--follow');
    return said.code === 0 ? said : undefined;
  };
  return waitFor(look, { deadlineMs: 60_000, everyMs: 200 });
}

/** What a person is asked. */
async function question(here: Here): Promise<string> {
  const look = async (): Promise<string | undefined> => {
    const { document } = await here('approvals', '--status', 'open');
    const [first] = document['approvals'] as { approvalId: string }[];
    return first?.approvalId;
  };
  return (await waitFor(look, { deadlineMs: 60_000, everyMs: 200 })) ?? 'nobody was asked';
}

describe('an app that summit init made, outside of the repository', () => {
  it('has an agent, a tool, a policy and a test that passes', async () => {
    const files = readdirSync(app);
    for (const file of [
      'summit.app.ts',
      'tools.ts',
      'policies',
      'tools.test.ts',
      'desk.test.ts',
      'README.md',
    ])
      expect(files).toContain(file);
    const tests = await ended(process.execPath, ['--test'], app);
    expect(tests.code === 0 ? '' : tests.stdout).toBe('');
    expect(tests.stdout).toContain('the same key is one booking');
    expect(tests.stdout).toContain('a person is asked, who lowers it');
    rmSync(join(app, 'bookings'), { recursive: true });
  });

  it('is written over nothing', async () => {
    expect(await summit(['init', app], dir)).toMatchObject({
      code: 1,
      document: { ok: false, error: { code: 'DIRECTORY_NOT_EMPTY' } },
    });
    writeFileSync(join(dir, 'file'), '');
    expect(await summit(['init', 'file'], dir)).toMatchObject({ code: 1 });
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('');
    expect((await summit(['init'], dir)).code).toBe(2);
  });

  it('[C5.1] [C3.1] answers; above the bound of its policy a person is asked, who lowers it', async () => {
    await onStack(async (here) => {
      const short = await answered(here, 'Turing for 2 hours, please.');
      expect(short?.document).toMatchObject({ status: 'completed' });
      expect(short?.document['output']).toContain('Turing');
      expect(bookings()).toMatchObject([{ room: 'Turing', hours: 2 }]);

      const { document: started } = await here(...message('Hopper for 8 hours, please.'));
      const asked = await question(here);
      expect(bookings()).toHaveLength(1);
      const approved = await here('approve', asked, '--modify', '{"hours":3}');
      expect(approved).toMatchObject({ code: 0, document: { decision: 'modify' } });
      const done = async (): Promise<true | undefined> =>
        (await here('show', String(started['runId']))).document['status'] === 'completed' ? true : undefined;
      expect(await waitFor(done, { deadlineMs: 60_000, everyMs: 200 })).toBe(true);
      expect(bookings()).toContainEqual(expect.objectContaining({ room: 'Hopper', hours: 3 }));
      expect(bookings()).toHaveLength(2);
    });
  });

  it('[C5.1] without policies, what the app registers is allowed; without links, packages are lent', async () => {
    rmSync(join(app, 'policies'), { recursive: true });
    rmSync(join(app, 'node_modules'), { recursive: true });
    rmSync(join(app, 'bookings'), { recursive: true });
    await onStack(async (here) => {
      const long = await answered(here, 'Hopper for 8 hours, please.');
      expect(long?.document).toMatchObject({ status: 'completed' });
      expect(bookings()).toMatchObject([{ room: 'Hopper', hours: 8 }]);
      expect((await here('approvals')).document['approvals']).toEqual([]);
    });
  });
});
