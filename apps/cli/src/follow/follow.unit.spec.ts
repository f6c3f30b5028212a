import { describe, expect, it } from '@jest/globals';
import { type StreamBody } from '@summit/streams';
import { EventTeller } from './event-text.ts';
import { type SentEvent, sentEvents } from './sse.ts';

function told(...bodies: readonly StreamBody[]): string {
  let text = '';
  const teller = new EventTeller((more) => (text += more));
  for (const body of bodies) teller.tell({ cursor: '1.0', runId: 'run_1', threadId: 't', at: 1, ...body });
  teller.end();
  return text;
}

describe('what people are told of a run', () => {
  it('is a line an event, and the text of a model as it comes', () => {
    const call = { stepId: 'model#0', attempt: 1 };
    const tool = { stepId: 'refund#0', attempt: 1, name: 'refund' };
    expect(
      told(
        { type: 'run_start', workflow: 'support', version: '1', input: null, startedBy: 'ann' },
        { type: 'model_start', ...call, name: 'default' },
        { type: 'token', ...call, index: 0, delta: 'Let me ' },
        { type: 'token', ...call, index: 1, delta: 'look.' },
        { type: 'model_complete', ...call, name: 'default', output: null },
        { type: 'tool_call', ...tool, args: { cents: 5 } },
        { type: 'tool_result', ...tool, output: 'done' },
        { type: 'run_complete', output: null },
      ),
    ).toBe(
      [
        'run_1 support 1 null',
        '  Let me look.',
        '  refund#0 {"cents":5}',
        '  refund#0 → "done"',
        '  completed',
        '',
      ].join('\n'),
    );
  });

  it('[C3.2] names the command that approves', () => {
    const text = told({
      type: 'approval_requested',
      approvalId: 'apr_7',
      about: 'action',
      name: 'refund',
      actionHash: 'h',
      shown: { arguments: { cents: 5 } },
      quorum: 1,
      roles: ['reviewer'],
      reasons: [],
    });
    expect(text).toContain('asks reviewer: refund');
    expect(text).toContain('summit approve apr_7');
  });

  it('is short, whatever a payload is', () => {
    const output = 'x'.repeat(10_000);
    const step = { stepId: 'a#0', kind: 'step', name: 'a', output };
    expect(told({ type: 'step_complete', ...step }).length).toBeLessThan(200);
  });
});

describe('server-sent events', () => {
  it('are read whole however they are cut, letters too', async () => {
    const bytes = Buffer.from(
      'retry: 1000\n\nid: 1.0\nevent: token\ndata: {"a":"ü"}\n\n: heartbeat\n\nid: 1.1\ndata: {}\n\n',
    );
    for (let size = 1; size < 20; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const events: SentEvent[] = [];
      const body = (async function* () {
        yield* chunks;
      })();
      for await (const event of sentEvents(body)) events.push(event);
      expect(events).toEqual([
        { id: '1.0', data: '{"a":"ü"}' },
        { id: '1.1', data: '{}' },
      ]);
    }
  });
});
