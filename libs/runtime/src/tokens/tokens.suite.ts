import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Token, type TokenAddress, type TokenSink, type TokenSource } from './tokens.ts';

export interface TokenSuite {
  start(): Promise<{ readonly sink: TokenSink; readonly source: TokenSource }>;
  stop(): Promise<void>;
}

const token = (address: TokenAddress, index: number, delta = `t${String(index)} `): Token => ({
  runId: address.runId,
  step: 'model#0',
  attempt: 1,
  permitVersion: 2,
  index,
  delta,
  at: 1000 + index,
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come about in time');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What every way of tokens must keep to. */
export function tokenSuite(name: string, suite: TokenSuite): void {
  describe(`tokens over ${name}`, () => {
    let sink: TokenSink;
    let source: TokenSource;
    let runs = 0;
    const some = (tenant = 'acme'): TokenAddress => ({
      tenant,
      threadId: `Thread ${String(runs)} > *`,
      runId: `run_00_${process.hrtime.bigint().toString(36).padStart(9, '0')}${String(runs++).padStart(8, '0')}`,
    });

    beforeAll(async () => {
      ({ sink, source } = await suite.start());
    });
    afterAll(() => suite.stop());

    it('[C2.1] reach who listens, as they come and in their order', async () => {
      const address = some();
      const heard: Token[] = [];
      const end = source.listen(address, (one) => heard.push(one));
      const sent = [0, 1, 2, 3].map((index) => token(address, index));
      for (const one of sent.slice(0, 2)) sink.publish(address, one);
      await until(() => heard.length === 2);
      for (const one of sent.slice(2)) sink.publish(address, one);
      await until(() => heard.length === 4);
      expect(heard).toEqual(sent);
      end();
    });

    it('[C2.4] reach who comes late from the start of the call, then live', async () => {
      const address = some();
      const sent = [0, 1, 2].map((index) => token(address, index));
      for (const one of sent.slice(0, 2)) sink.publish(address, one);
      const heard: Token[] = [];
      const end = source.listen(address, (one) => heard.push(one));
      await until(() => heard.length === 2);
      for (const one of sent.slice(2)) sink.publish(address, one);
      await until(() => heard.length === 3);
      expect(heard).toEqual(sent);
      end();
    });

    it('[I8] never reach who listens for another run, thread or tenant', async () => {
      const address = some();
      const others = [some(), { ...address, tenant: 'another' }, { ...address, threadId: 'other' }];
      const strange: Token[] = [];
      const ends = others.map((other) => source.listen(other, (one) => strange.push(one)));
      const heard: Token[] = [];
      const end = source.listen(address, (one) => heard.push(one));
      sink.publish(address, token(address, 0));
      for (const other of others) sink.publish(other, { ...token(other, 7), runId: 'not this one' });
      sink.publish(address, token(address, 1));
      await until(() => heard.length === 2);
      expect(strange.filter(({ delta }) => delta !== 't7 ')).toEqual([]);
      for (const stop of [...ends, end]) stop();
    });

    it('are not heard any more by who has stopped listening', async () => {
      const address = some();
      const heard: Token[] = [];
      const after: Token[] = [];
      const end = source.listen(address, (one) => heard.push(one));
      sink.publish(address, token(address, 0));
      await until(() => heard.length === 1);
      end();
      const still = source.listen(address, (one) => after.push(one));
      sink.publish(address, token(address, 1));
      await until(() => after.length === 2);
      expect(heard).toHaveLength(1);
      still();
    });
  });
}
