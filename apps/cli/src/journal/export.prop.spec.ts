import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exportIn, smallJournal, type SmallJournal } from './export.fixture.ts';
import { readExport } from './export-reader.ts';
import { writeExport } from './export-writer.ts';
import { type Fault, Found } from './place.ts';
import { verify, type Verification } from './verification.ts';

let dir: string;
let small: SmallJournal;
let bytes: Buffer;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-export-'));
  small = await smallJournal(join(dir, 'data'));
  const told = await writeExport(exportIn(dir), small.partitions, small.publicKey);
  expect(told).toMatchObject({ partitions: 2, groups: 10, commits: 20, heads: 2 });
  bytes = readFileSync(exportIn(dir));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Verifies other bytes, as `summit verify --journal` does. */
async function verified(
  changed: Uint8Array,
  trusted: Uint8Array | undefined = small.publicKey,
): Promise<Verification> {
  const file = join(dir, 'changed.export');
  writeFileSync(file, changed);
  try {
    const material = await readExport(file);
    try {
      return await verify({ material, trusted });
    } finally {
      await material.close();
    }
  } catch (error) {
    if (error instanceof Found)
      return { ok: false, partitions: [], tenants: [], faults: [error.fault], unchecked: [] };
    throw error;
  }
}

/** Whether a fault names bytes of the file among which the changed one is. */
const names = ({ place: { offset = -1, bytes: length = 0 } }: Fault, at: number): boolean =>
  offset >= 0 && offset <= at && at <= offset + length;

function flipped(at: number, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ bit;
  return changed;
}

/** Of each stored line of the file: where it begins, and its text. */
function lines(): { start: number; text: string }[] {
  let start = 0;
  return bytes
    .toString('utf8')
    .split('\n')
    .map((text) => {
      const line = { start, text };
      start += Buffer.byteLength(text) + 1;
      return line;
    });
}

describe('an export', () => {
  it('[C5.2] verifies as it was written, under the trusted key or the one that it names', async () => {
    expect(await verified(bytes)).toMatchObject({
      ok: true,
      faults: [],
      partitions: [
        { partition: 0, groups: 5, commits: 10, head: true },
        { partition: 1, groups: 5, commits: 10, head: true },
      ],
    });
    const { tenants } = await verified(bytes);
    expect(tenants.map(({ tenant, commits, signed }) => [tenant, commits, signed])).toEqual([
      ['_system', 1, 1],
      ['acme', 6, 6],
      ['blu', 3, 3],
      ['_system', 1, 1],
      ['acme', 6, 6],
      ['blu', 3, 3],
    ]);
    const material = await readExport(exportIn(dir));
    const alone = await verify({ material });
    await material.close();
    expect(alone.ok).toBe(true);
    expect(alone.unchecked.join()).toContain('give --key');
  });

  it('[C5.2] tells every changed byte, and names bytes among which it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        const { ok, faults } = await verified(flipped(at, 1 << bit));
        expect(ok).toBe(false);
        expect(faults).toHaveLength(1);
        expect(faults.every((fault) => names(fault, at))).toBe(true);
      }),
      { numRuns: 800 },
    );
  });

  it('[C5.2] names partition, group, line and commit of a changed commit, the last of its group and tenant too', async () => {
    const commits = lines().filter(({ text }) => text.startsWith('{"tenant"'));
    expect(commits).toHaveLength(20);
    for (const { start, text } of commits) {
      const [, tenant, index] = /"tenant":"([^"]+)".*"tenantIndex":(\d+)/.exec(text) ?? [];
      const { faults } = await verified(flipped(start + text.indexOf('"sealed"') + 12, 1));
      expect(faults).toHaveLength(1);
      const [fault] = faults;
      expect(fault?.place.commitId).toMatch(
        new RegExp(`^\\d\\d-(=5f|_)?${tenant?.replace('_', '') ?? ''}-${index ?? ''}$`),
      );
      expect(fault?.place).toMatchObject({ offset: start, bytes: Buffer.byteLength(text) });
      expect(fault?.place.line).toBeGreaterThan(1);
    }
  });

  it('[C5.2] names the header that was changed, the last one too', async () => {
    const headers = lines().filter(({ text }) => text.startsWith('{"v":1,"partition"'));
    expect(headers).toHaveLength(10);
    for (const { start, text } of headers) {
      const { faults } = await verified(flipped(start + text.indexOf('"groupId":"') + 12, 1));
      expect(faults.map(({ place: { offset, line } }) => ({ offset, line }))).toEqual([
        { offset: start, line: 1 },
      ]);
    }
  });

  it('[C5.2] is whole or refused: cut off anywhere, or with something behind it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        expect((await verified(bytes.subarray(0, length))).ok).toBe(false);
      }),
      { numRuns: 100 },
    );
    expect((await verified(Buffer.concat([bytes, Buffer.from('x')]))).ok).toBe(false);
  });

  it('[C5.2] of another key is another journal', async () => {
    const other = await smallJournal(join(dir, 'other'));
    const { ok, faults } = await verified(bytes, other.publicKey);
    expect(ok).toBe(false);
    expect(faults[0]?.place.section).toBe('journal');
  });
});

describe('an export whose links were all written anew', () => {
  /** Drops, doubles or exchanges whole parts; the count at the end is mended. */
  async function without(part: RegExp): Promise<Verification> {
    const text = bytes.toString('utf8');
    const sections = Number(/"sections":(\d+)/.exec(text)?.[1]);
    const cut = text.replace(part, '').replace(/"sections":\d+/, `"sections":${String(sections - 1)}`);
    return verified(Buffer.from(cut));
  }

  it('[C5.2] tells a group that was dropped, the last one too', async () => {
    for (const sequence of [1, 3, 5]) {
      const group = new RegExp(
        `\\{"section":"group","partition":0,"generation":1,"sequence":${String(sequence)},[^]*?(?=\\{"section")`,
      );
      expect((await without(group)).ok).toBe(false);
    }
  });

  it('[C5.2] says what it could not check where a head was left out', async () => {
    const { ok, partitions, unchecked } = await without(
      /\{"section":"head","partition":0[^]*?(?=\{"section")/,
    );
    expect([ok, partitions.map(({ head }) => head)]).toEqual([true, [false, true]]);
    expect(unchecked.join()).toContain('the last group of partition 0');
  });

  it('[C5.2] tells logs that were left out: one as a fault, all as what could not be checked', async () => {
    const text = bytes.toString('utf8');
    const parts = [
      ...text.matchAll(/\{"section":"(?:entries|checkpoints)","partition":0,[^]*?(?=\{"section")/g),
    ];
    const dropped = (those: readonly string[]): Buffer => {
      const cut = those.reduce((left, part) => left.replace(part, ''), text);
      const count = Number(/"sections":(\d+)/.exec(text)?.[1]) - those.length;
      return Buffer.from(cut.replace(/"sections":\d+/, `"sections":${String(count)}`));
    };
    const all = parts.map(([part]) => part);
    expect(all).toHaveLength(6);
    expect((await verified(dropped(all.filter((part) => part.includes('"tenant":"blu"'))))).ok).toBe(false);
    const { ok, unchecked } = await verified(dropped(all));
    expect(ok).toBe(true);
    expect(unchecked.join()).toContain('no signed logs of _system, acme, blu');
  });
});
