import { describe, expect, it } from '@jest/globals';
import { StallAllowance } from './stall.ts';

describe('StallAllowance', () => {
  it('lets a policy hang now and then', () => {
    const stalls = new StallAllowance();
    stalls.charge('a', 60, 0);
    expect(stalls.permits('a', 0)).toBe(true);
  });

  it('stops one that hangs again and again, and no other', () => {
    const stalls = new StallAllowance();
    for (let i = 0; i < 9; i++) stalls.charge('a', 60, 0);
    expect(stalls.permits('a', 0)).toBe(false);
    expect(stalls.permits('b', 0)).toBe(true);
  });

  it('tries it again after a while', () => {
    const stalls = new StallAllowance();
    stalls.charge('a', 540, 0);
    expect(stalls.permits('a', 790)).toBe(false);
    expect(stalls.permits('a', 810)).toBe(true);
  });
});
