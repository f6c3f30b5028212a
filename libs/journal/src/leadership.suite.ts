import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Leadership } from './leadership.ts';

/** How a suite gets at leases. */
export interface LeadershipSubject {
  start?(): Promise<void>;
  stop?(): Promise<void>;
  /** One holder's way to leases that all holders of this test share. */
  of(holder: string): Leadership;
  /** Lets so long pass that a lease lapses. */
  lapse(): Promise<void>;
}

/** What every keeper of leases must do. `partition` gives one that no other test uses. */
export function leadershipSuite(name: string, subject: LeadershipSubject, partition: () => number): void {
  describe(`Leadership: ${name}`, () => {
    beforeAll(() => subject.start?.());
    afterAll(() => subject.stop?.());

    it('is held by one, who may renew it', async () => {
      const [at, one, other] = [partition(), subject.of('one'), subject.of('other')];
      expect(await one.hold(at)).toBe(true);
      expect(await other.hold(at)).toBe(false);
      expect(await one.hold(at)).toBe(true);
    });

    it('of several who want it at once one gets it', async () => {
      const at = partition();
      const all = ['a', 'b', 'c', 'd'].map((holder) => subject.of(holder).hold(at));
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
    });

    it('is held partition by partition', async () => {
      expect(await subject.of('one').hold(partition())).toBe(true);
      expect(await subject.of('other').hold(partition())).toBe(true);
    });

    it('is had again at once by a process of the same name', async () => {
      const at = partition();
      expect(await subject.of('one').hold(at)).toBe(true);
      expect(await subject.of('one').hold(at)).toBe(true);
    });

    it('is free when it is released, by who holds it alone', async () => {
      const [at, one, other] = [partition(), subject.of('one'), subject.of('other')];
      await one.hold(at);
      await other.release(at);
      expect(await other.hold(at)).toBe(false);
      await one.release(at);
      expect(await other.hold(at)).toBe(true);
      expect(await one.hold(at)).toBe(false);
    });

    it('lapses where it is not renewed', async () => {
      const [at, one, other] = [partition(), subject.of('one'), subject.of('other')];
      await one.hold(at);
      await subject.lapse();
      expect(await other.hold(at)).toBe(true);
    });
  });
}
