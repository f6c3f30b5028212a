import { canonicalJson, sha256 } from '@summit/kernel';
import { describe, expect, it } from '@jest/globals';
import { type ActionKind, actionSchema } from './action.ts';
import { entryFor, ROOT_ENTRY, TENANT_ENTRIES } from './entry.ts';
import { MAX_VIEW_BYTES, viewOf } from './input.ts';

const kinds = actionSchema.options.flatMap(({ shape: { kind } }): ActionKind[] =>
  'options' in kind ? [...kind.options] : [kind.value],
);

describe('viewOf', () => {
  it('shows what is short', () => {
    expect(viewOf({ q: 'hello' })).toEqual({ args: { q: 'hello' } });
  });

  it('shows what is exactly as long as the bound', () => {
    const text = 'x'.repeat(MAX_VIEW_BYTES - 2);
    expect(viewOf(text)).toEqual({ args: text });
  });

  it('names what is longer by digest and size, in bytes', () => {
    const value = 'ä'.repeat(MAX_VIEW_BYTES / 2);
    const text = canonicalJson(value);
    expect(viewOf(value)).toEqual({ argsDigest: sha256(text), argsBytes: MAX_VIEW_BYTES + 2 });
  });
});

describe('entryFor', () => {
  it('[C5.1] gives every kind of action an entry point', () => {
    const known: readonly string[] = [...TENANT_ENTRIES, ROOT_ENTRY];
    expect(kinds.length).toBeGreaterThan(15);
    for (const kind of kinds) expect(known).toContain(entryFor(kind));
  });

  it('[C5.1] leaves to the root policy what must work whatever bundle a tenant has', () => {
    const rooted = kinds.filter((kind) => entryFor(kind) === ROOT_ENTRY).sort();
    expect(rooted).toEqual(
      [
        'run.pause',
        'run.resume',
        'run.cancel',
        'bundle.activate',
        'bundle.rollback',
        'key.erase',
        'key.rotate',
        'recover',
      ].sort(),
    );
  });
});
