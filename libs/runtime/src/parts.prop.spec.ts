import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Assembly, toParts } from './parts.ts';

const bytes = (part: string | Uint8Array): Uint8Array =>
  typeof part === 'string' ? Buffer.from(part) : part;

describe('parts', () => {
  it('[C1.1] a message of any size arrives as it was, also beside others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 4, max: 64 }),
        (values, size) => {
          let n = 0;
          const texts = values.map((value) => JSON.stringify({ value, more: '…é€'.repeat(size) }));
          const messages = texts.map((text) => toParts(text, () => `m${String(n++)}`, size).map(bytes));
          const assembly = new Assembly();
          const arrived: (string | undefined)[] = [];
          for (let i = 0; messages.some((parts) => i < parts.length); i++) {
            for (const parts of messages)
              if (parts[i]) arrived.push(assembly.take(parts[i] ?? Buffer.alloc(0)));
          }
          expect(arrived.filter((text) => text !== undefined).sort()).toEqual([...texts].sort());
        },
      ),
    );
  });

  it('what lost a part never comes to be', () => {
    const [first, , third] = toParts('x'.repeat(30), () => 'a', 10).map(bytes);
    const assembly = new Assembly();
    expect(first && assembly.take(first)).toBeUndefined();
    expect(third && assembly.take(third)).toBeUndefined();
  });

  it('a small message is sent as it is', () => {
    expect(toParts('{}', () => 'a')).toEqual(['{}']);
  });
});
