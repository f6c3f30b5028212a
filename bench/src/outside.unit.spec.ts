import { describe, expect, it } from '@jest/globals';
import { Outside } from './outside.ts';

describe('the world outside', () => {
  it('sees each call, and who called, and answers when it is told to', async () => {
    await using outside = await Outside.open();
    const body = JSON.stringify({ label: 'run', i: 3, pid: 7 });
    let answered = false;
    const calling = fetch(outside.url, { method: 'POST', body }).then(() => (answered = true));
    const call = await outside.call(({ label }) => label === 'run');
    expect(call).toMatchObject({ i: 3, pid: 7 });
    expect(answered).toBe(false);
    call.answer();
    expect(await calling).toBe(true);
  });
});
