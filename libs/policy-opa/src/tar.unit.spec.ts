import { describe, expect, it } from '@jest/globals';
import { readTar, writeTar } from './tar.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const files = new Map([
  ['policy.wasm', new Uint8Array(1000).fill(7)],
  ['data.json', bytes('{}')],
  ['summit/action/action.rego', bytes('package summit.action')],
]);

describe('tar', () => {
  it('reads back what it wrote', () => {
    expect(new Map([...readTar(writeTar(files))].sort())).toEqual(new Map([...files].sort()));
  });

  it('writes the same bytes whatever the order', () => {
    expect(writeTar(new Map([...files].reverse()))).toEqual(writeTar(files));
  });

  it('refuses an archive that is cut off, between files or within one', () => {
    const archive = writeTar(files);
    for (const length of [0, 513, 700, 1024, 2000]) {
      expect(() => readTar(archive.subarray(0, length))).toThrow(/cut off/);
    }
  });

  it('refuses names that climb', () => {
    expect(() => readTar(writeTar(new Map([['../data.json', bytes('{}')]])))).toThrow(/the name/);
  });

  it('refuses links and other entries that are no files', () => {
    const archive = writeTar(files);
    archive[156] = '2'.charCodeAt(0);
    expect(() => readTar(archive)).toThrow(/type "2"/);
  });
});
