import { describe, expect, it } from '@jest/globals';
import { splitLine, withSealed } from '@summit/events';
import fc from 'fast-check';
import sodium from 'sodium-native';
import { disclose, newSalt, openDisclosed, surrogate } from './index.ts';
import { open, seal, sealLine } from './sealing.ts';

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.string({ unit: 'grapheme', maxLength: 300 });
const commit = fc.record({
  commitId: fc.string({ minLength: 1, maxLength: 40 }),
  salt: bytes(16).map((salt) => Buffer.from(salt).toString('hex')),
});
const context = { tenant: 'acme', key: 'k' };
const broken = expect.objectContaining({ code: 'SEAL_BROKEN' });

describe('a sealed payload', () => {
  it('[I9] opens to what was sealed, with the same key, commit and clear part', () => {
    fc.assert(
      fc.property(bytes(32), commit, text, text, (key, id, associated, plaintext) => {
        const sealed = seal(key, { ...context, ...id }, associated, plaintext);
        expect(open(key, { ...context, ...id }, associated, sealed)).toBe(plaintext);
        expect(openDisclosed(disclose(key, id.commitId, id.salt), id.commitId, associated, sealed)).toBe(
          plaintext,
        );
      }),
    );
  });

  it('[I9] written as a line is the same blob in its place, whatever is written before and after it', () => {
    const line = fc.tuple(commit, text, fc.string({ unit: 'grapheme', maxLength: 30_000 }));
    fc.assert(
      fc.property(bytes(32), fc.array(line, { minLength: 1, maxLength: 8 }), (key, lines) => {
        const asked = lines.map(([id, said, plaintext]) => {
          const clear = JSON.stringify({ said });
          const at = { ...context, ...id };
          return {
            line: sealLine(key, at, clear, plaintext),
            clear,
            sealed: seal(key, at, clear, plaintext),
          };
        });
        for (const { line: written, clear, sealed } of asked) {
          const stored = Buffer.from(written).toString();
          expect(stored).toBe(withSealed(clear, sealed));
          expect(splitLine(stored)).toEqual({ clear, sealed });
        }
      }),
      { numRuns: 50 },
    );
  });

  it('[C5.2] does not open once a single bit of it, its clear part, its commit or its key has changed', () => {
    const change = fc.record({
      at: fc.nat(),
      what: fc.constantFrom('blob', 'associated', 'id', 'salt', 'key'),
    });
    fc.assert(
      fc.property(bytes(32), commit, text, change, (key, id, plaintext, { at, what }) => {
        const flip = (buffer: Uint8Array): Buffer => {
          const changed = Buffer.from(buffer);
          changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ (1 << (at % 8));
          return changed;
        };
        const sealed = seal(key, { ...context, ...id }, '{"clear":1}', plaintext);
        const changed = {
          ...context,
          commitId: what === 'id' ? `${id.commitId}1` : id.commitId,
          salt: what === 'salt' ? flip(Buffer.from(id.salt, 'hex')).toString('hex') : id.salt,
        };
        const blob = what === 'blob' ? flip(Buffer.from(sealed, 'base64')).toString('base64') : sealed;
        const clear =
          what === 'associated' ? flip(Buffer.from('{"clear":1}')).toString('latin1') : '{"clear":1}';
        expect(() => open(what === 'key' ? flip(key) : key, changed, clear, blob)).toThrow(broken);
      }),
      { numRuns: 500 },
    );
  });

  it('is base64 of commitment, ciphertext and tag, as the format says', () => {
    const key = Buffer.alloc(32, 1);
    const salt = '000102030405060708090a0b0c0d0e0f';
    const sealed = Buffer.from(
      seal(key, { ...context, commitId: '00-acme-0', salt }, '{"a":1}', 'hello'),
      'base64',
    );
    const derived = Buffer.alloc(64);
    sodium.crypto_generichash(
      derived,
      Buffer.concat([Buffer.from('00-acme-0'), Buffer.from(salt, 'hex')]),
      key,
    );
    expect(sealed.subarray(0, 32)).toEqual(derived.subarray(32));
    expect(sealed.length).toBe(32 + 'hello'.length + 16);
    const message = Buffer.alloc(5);
    const nonce = Buffer.alloc(24);
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      message,
      null,
      sealed.subarray(32),
      Buffer.from('{"a":1}'),
      nonce,
      derived.subarray(0, 32),
    );
    expect(message.toString()).toBe('hello');
    expect(sealed.toString('base64')).toBe(GOLDEN);
  });

  it('takes payloads larger than its scratch, and goes on with small ones', () => {
    const key = Buffer.alloc(32, 1);
    const id = { ...context, commitId: '00-acme-0', salt: newSalt() };
    for (const length of [500_000, 10, 3_000_000, 0, 70_000]) {
      const plaintext = 'ü'.repeat(length);
      expect(open(key, id, 'clear', seal(key, id, 'clear', plaintext)) === plaintext).toBe(true);
    }
  });

  it.each(['', '00', 'zz0102030405060708090a0b0c0d0e0f', '000102030405060708090a0b0c0d0e0f00'])(
    'refuses the salt "%s"',
    (salt) => {
      expect(() => seal(Buffer.alloc(32), { ...context, commitId: 'c', salt }, '', '')).toThrow(broken);
    },
  );

  it.each(['', 'AAAA', '!!!'])('refuses a blob that is none: "%s"', (sealed) => {
    expect(() => open(Buffer.alloc(32), { ...context, commitId: 'c', salt: newSalt() }, '', sealed)).toThrow(
      broken,
    );
  });
});

describe('a surrogate', () => {
  it('is the same for the same name, and another for another name, kind or tenant', () => {
    const [acme, blu] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const all = [
      surrogate(acme, 'user', 'alice'),
      surrogate(acme, 'thread', 'alice'),
      surrogate(acme, 'user', 'bob'),
      surrogate(blu, 'user', 'alice'),
    ];
    expect(new Set(all).size).toBe(4);
    expect(surrogate(acme, 'user', 'alice')).toBe(all[0]);
    expect(all[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a salt', () => {
  it('is 16 bytes and never comes again', () => {
    const salts = new Set(Array.from({ length: 5000 }, newSalt));
    expect(salts.size).toBe(5000);
    for (const salt of salts) expect(salt).toMatch(/^[0-9a-f]{32}$/);
  });
});

/** Made by libsodium once; stays for ever. */
const GOLDEN = 'oe4s/soby4A8B0FlZJGRuyNvDSbriB6lKdWFYo4liLu1rMo0/AA5RLBTADZ0b/FnfdeFXIY=';
