import { describe, expect, it } from '@jest/globals';
import { type Json } from '@summit/kernel';
import { z } from 'zod';
import { approvalPage, approvalsOf } from './approval-page.ts';

const known = (...ids: string[]): Json => ids.map((id) => told(id, 'leader'));
const past = (...ids: string[]): Json => ids.map((id) => told(id, 'row'));
/** `3b` was asked at 3. */
const told = (id: string, by: string): Json => ({ approvalId: id, requestedAt: Number(id.charAt(0)), by });

const seen = z.object({ approvalId: z.string(), by: z.string() });

/** Every page, with who told of each. */
function pages(leader: Json, rows: Json, limit: number): string[][] {
  const all: string[][] = [];
  let after: string | undefined;
  do {
    const page = approvalPage(approvalsOf(leader), approvalsOf(rows), { limit, after });
    all.push(page.items.map((item) => seen.parse(item)).map(({ approvalId, by }) => `${approvalId} ${by}`));
    after = page.next;
  } while (after !== undefined);
  return all;
}

describe('a page of questions', () => {
  it('[C3.2] is the newest of what leaders know and of what rows alone hold, each once', () => {
    expect(pages(known('9a', '3a', '7a'), past('7a', '5a', '1a'), 2)).toEqual([
      ['9a leader', '7a leader'],
      ['5a row', '3a leader'],
      ['1a row'],
    ]);
  });

  it('goes on within one moment where it ended', () => {
    expect(pages(known('3b', '3d'), past('3a', '3c'), 1).flat()).toEqual([
      '3d leader',
      '3c row',
      '3b leader',
      '3a row',
    ]);
  });

  it('is empty where nobody was ever asked', () => {
    expect(approvalPage([], [], {})).toEqual({ items: [] });
  });

  it('refuses a cursor that is none', () => {
    expect(() => approvalPage([], [], { after: 'x' })).toThrow(
      expect.objectContaining({ code: 'INVALID_QUERY' }),
    );
  });
});
