import { describe, expect, it } from '@jest/globals';
import { compareVersions, inRange, parseVersion, rangeText } from './version.ts';

describe('versions', () => {
  it.each([
    ['nats-server: v2.15.1', [2, 15, 1]],
    ['Version: 1.22.2\nBuild Commit: 0a1', [1, 22, 2]],
    ['postgres (PostgreSQL) 18.4 (Debian 18.4-1)', [18, 4, 0]],
    ['openjdk version "17.0.19" 2026-04-21', [17, 0, 19]],
    ['no number here', undefined],
  ])('reads %j', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  it('compares number by number, not letter by letter', () => {
    expect(compareVersions([2, 9, 0], [2, 15, 1])).toBeLessThan(0);
    expect(compareVersions([2, 15], [2, 15, 0])).toBe(0);
    expect(compareVersions([3], [2, 99, 99])).toBeGreaterThan(0);
  });

  it('takes the lower bound and leaves the upper one', () => {
    const range = { from: [17, 0], below: [19, 0] };
    expect([inRange([16, 9], range), inRange([17, 0, 0], range)]).toEqual([false, true]);
    expect([inRange([18, 9, 9], range), inRange([19, 0], range)]).toEqual([true, false]);
    expect(rangeText(range)).toBe('from 17.0 to before 19.0');
    expect(rangeText({ from: [2, 15, 1] })).toBe('2.15.1 or newer');
  });
});
