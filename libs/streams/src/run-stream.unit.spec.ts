import { describe, expect, it } from '@jest/globals';
import { type RunEvent } from '@summit/events';
import { parseCursor } from './cursor.ts';
import { Historian } from './history.fixture.ts';
import { RunStream } from './run-stream.ts';
import { StreamSession } from './session.ts';
import { type StreamEvent } from './stream-event.ts';

function streamed(historian: Historian): StreamEvent[] {
  const stream = new RunStream();
  return historian.commits.flatMap((commit) => stream.apply(commit));
}

const started = (): Historian => {
  const historian = new Historian();
  historian.start();
  return historian;
};

describe('what a stream says', () => {
  it('[C2.2] of a tool call that fails once: each attempt, then the step', () => {
    const historian = started();
    historian.deed({ do: 'tool', fails: 1, ends: 'well' });
    const said = streamed(historian).slice(2);
    expect(said.map(({ type, cursor }) => `${cursor} ${type}`)).toEqual([
      '2.0 decision',
      '2.1 step_start',
      '2.2 tool_call',
      '3.0 tool_result',
      '4.0 decision',
      '4.1 tool_call',
      '5.0 tool_result',
      '5.1 step_complete',
    ]);
    expect(said[2]).toMatchObject({ stepId: 'tool#0', attempt: 1, args: { n: 0 }, threadId: 't 1' });
    expect(said[3]).toMatchObject({ error: { code: 'TOOL_FAILED' }, retryAt: 5 });
    expect(said[7]).toMatchObject({ kind: 'tool', name: 'tool', output: { n: 0 } });
  });

  it('[C3.1] of a question to people: what they are shown and how it was settled', () => {
    const historian = started();
    const proposed = historian.propose('tool');
    const { step } = proposed;
    const approval = 'apr_00_000000000aaaaaaaa';
    const data = {
      roles: ['reviewer'],
      shown: { arguments: 1 },
      reasons: ['large'],
      separation: true,
      name: 'tool',
    };
    const asked: RunEvent = {
      type: 'ApprovalRequested',
      v: 1,
      basis: 0,
      approval,
      step,
      actionHash: 'h',
      quorum: 1,
      about: 'action',
      data,
    };
    historian.commit(proposed, asked);
    const answer = { roles: ['reviewer'], reason: 'fine' };
    const base = { v: 1, basis: 0, approval, step } as const;
    historian.commit(
      {
        type: 'ApprovalDecided',
        ...base,
        decision: 'approve',
        actionHash: 'h',
        outcome: 'approved',
        data: answer,
      },
      historian.permit(step, 1),
    );
    const said = streamed(historian).slice(2);
    expect(said.map(({ type }) => type)).toEqual([
      'decision',
      'step_start',
      'approval_requested',
      'run_waiting',
      'decision',
      'approval_decided',
      'tool_call',
      'run_resumed',
    ]);
    expect(said[2]).toMatchObject({
      approvalId: approval,
      stepId: 'tool#0',
      shown: { arguments: 1 },
      quorum: 1,
    });
    expect(said[5]).toMatchObject({
      approvalId: approval,
      by: 'alice',
      decision: 'approve',
      outcome: 'approved',
    });
  });

  it('[C3.3] of a person’s edit: the patch, no step', () => {
    const historian = started();
    const patch = [{ op: 'add', path: '/a', value: 1 }];
    const edit = { type: 'StatePatched', v: 1, basis: 0, stateVersion: 4, actionHash: 'h' } as const;
    historian.commit({ ...edit, data: { patch, hash: 'abc' } });
    expect(streamed(historian).at(-1)).toMatchObject({
      type: 'state_patch',
      baseVersion: 3,
      version: 4,
      patch,
      hash: 'abc',
    });
  });

  it('nothing twice of a commit that comes twice, and never goes on over a hole', () => {
    const historian = started();
    historian.deed({ do: 'sleep' });
    const [first, , third] = historian.commits;
    const stream = new RunStream();
    if (!first || !third) throw new Error('no commits');
    expect(stream.apply(first)).toHaveLength(2);
    expect(stream.apply(first)).toEqual([]);
    expect(() => stream.apply(third)).toThrow('version 3 where 2 follows');
  });
});

describe('the session of a reader', () => {
  it('[C2.1] voids what an earlier attempt said', () => {
    const historian = started();
    historian.deed({ do: 'model', texts: [['a', 'b'], ['c']], branch: false });
    const stream = new RunStream();
    const session = new StreamSession();
    const [one, two, three] = historian.commits;
    if (!one || !two || !three) throw new Error('no commits');
    const [a, b, c] = historian.tokens;
    if (!a || !b || !c) throw new Error('no tokens');
    session.events([...stream.apply(one), ...stream.apply(two)]);
    expect(session.token(a)).toMatchObject([
      { type: 'token', attempt: 1, index: 0, delta: 'a', threadId: 't 1' },
    ]);
    expect(session.token(c)).toEqual([]); // ahead of the journal
    const said = session.events(stream.apply(three));
    expect(said.map(({ type }) => type)).toEqual(['decision', 'model_start', 'token']);
    expect(session.token(b)).toEqual([]);
    expect(session.cursor).toBe('3.1+3.1.0.1');
  });

  it('[C2.4] says the rest of a text from its outcome, and that once', () => {
    const historian = started();
    historian.deed({ do: 'model', texts: [['Hel', 'lo', '!']], branch: false });
    const [first] = historian.tokens;
    if (!first) throw new Error('no token');
    const stream = new RunStream();
    const session = new StreamSession();
    const commits = historian.commits;
    session.events(commits.slice(0, 2).flatMap((commit) => stream.apply(commit)));
    const [told] = session.token(first);
    const again = new StreamSession(parseCursor(told?.cursor ?? ''));
    const anew = new RunStream();
    const said = commits.flatMap((commit) => again.events(anew.apply(commit)));
    expect(said.map(({ type }) => type)).toEqual(['token', 'model_complete', 'step_complete']);
    expect(said[0]).toMatchObject({ index: 2, delta: 'lo!' });
    expect(again.generating).toBe(false);
  });
});
