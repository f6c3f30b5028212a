import { describe, expect, it } from '@jest/globals';
import { encodeCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { signerOf, verifySignature } from './ed25519.fixture.ts';
import { leafHash } from './hash.ts';
import { digestOf, entryOf, headOrigin, logOrigin } from './journal-log.ts';
import { encodeVerifierKey, noteKeyId, openNote, parseNote, parseVerifierKey, signNote } from './note.ts';
import { encodeProof, parseProof } from './proof-text.ts';

const malformed = expect.objectContaining({ code: 'LOG_MALFORMED' });
const ORIGIN = 'audit.example/log/acme/00';

/** Signed by Go's `sumdb/note` with the seed of 32 sevens. */
const KEY = 'audit.example/log/acme/00+2d595263+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs';
const TEXT = `${ORIGIN}\n3\nrra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=\n`;
const NOTE = `${TEXT}\n— ${ORIGIN} LVlSY0TXH1FANtk4M4Qha/qyhaKK0y9rf7o6N0TvH2WtOTZCaIMDIK7pTYb8mdgZ2voKwm01jdrBagZ/neoEiEJ7/QY=\n`;

/** The example of the documentation of `sumdb/note`. */
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const GO_TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_NOTE = `${GO_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

const signer = signerOf(ORIGIN, Buffer.alloc(32, 7));

describe('signed notes', () => {
  it('[C5.2] are opened as others sign them, and signed to the byte as others do', () => {
    expect(openNote(GO_NOTE, [parseVerifierKey(GO_KEY)], verifySignature)).toBe(GO_TEXT);
    expect(encodeVerifierKey(parseVerifierKey(GO_KEY))).toBe(GO_KEY);
    expect(encodeVerifierKey(signer)).toBe(KEY);
    expect(signNote(TEXT, signer)).toBe(NOTE);
    expect(noteKeyId(signer)).toBe('2d595263');
  });

  it('[C5.2] open under no other key, name or text', () => {
    expect(openNote(NOTE, [signer], verifySignature)).toBe(TEXT);
    expect(openNote(NOTE, [], verifySignature)).toBeUndefined();
    expect(openNote(NOTE, [signerOf(ORIGIN)], verifySignature)).toBeUndefined();
    expect(openNote(NOTE, [{ ...signer, name: 'another' }], verifySignature)).toBeUndefined();
    expect(openNote(NOTE.replace('\n3\n', '\n4\n'), [signer], verifySignature)).toBeUndefined();
  });

  it('[C5.2] lose every claim with any changed byte', () => {
    const bytes = Buffer.from(NOTE);
    for (const at of bytes.keys()) {
      for (const flip of [1, 0x20]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        let opened: string | undefined;
        try {
          opened = openNote(changed.toString(), [signer], verifySignature);
        } catch (error) {
          expect(error).toEqual(malformed);
        }
        expect(opened).toBeUndefined();
      }
    }
  });

  it('take signatures of others beside the known one, and refuse a known one that does not hold', () => {
    const other = signNote(TEXT, signerOf('witness.example')).split('\n').at(-2) ?? '';
    const both = `${NOTE}${other}\n`;
    expect(openNote(both, [signer], verifySignature)).toBe(TEXT);
    expect(parseNote(both).signatures.map(({ name }) => name)).toEqual([ORIGIN, 'witness.example']);
    const forged = signNote(TEXT.replace('3', '4'), signer).split('\n').at(-2) ?? '';
    expect(openNote(`${both}${forged}\n`, [signer], verifySignature)).toBeUndefined();
  });

  it.each(['no line feed', 'a control\tcharacter\n', '\ud800\n'])(
    'are not made of what no note may hold: %j',
    (text) => {
      expect(() => signNote(text, signer)).toThrow(malformed);
    },
  );

  it.each(['', 'two words', 'a+b', 'line\nfeed'])('are not signed under the name %j', (name) => {
    expect(() => signNote(TEXT, { ...signer, name })).toThrow(malformed);
  });

  it.each([KEY.replace('+2d', '+2e'), KEY.replace('+A', '+B'), KEY.slice(0, -1), 'x'])(
    'are not opened with a key that is written otherwise: %s',
    (key) => {
      expect(() => parseVerifierKey(key)).toThrow(malformed);
    },
  );
});

describe('checkpoints', () => {
  it('[C5.2] say origin, size and root', () => {
    const checkpoint = parseCheckpoint(TEXT);
    expect(checkpoint).toMatchObject({ origin: ORIGIN, size: 3 });
    expect(Buffer.from(checkpoint.root).toString('hex')).toBe(
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    );
    expect(encodeCheckpoint(checkpoint)).toBe(TEXT);
    expect(parseCheckpoint(`${TEXT}extension\n`)).toEqual(checkpoint);
  });

  it.each([
    TEXT.replace('3', '03'),
    TEXT.replace('3', '-3'),
    TEXT.replace('3', '1e3'),
    TEXT.replace('nc=', 'nd='),
    TEXT.slice(0, -1),
    `${TEXT}\nextension\n`,
    `\n${TEXT}`,
    '',
  ])('are written in one way only: %j', (text) => {
    expect(() => parseCheckpoint(text)).toThrow(malformed);
  });
});

describe('proofs as text', () => {
  const proof = {
    index: 5,
    proof: [leafHash(Buffer.from('a')), leafHash(Buffer.from('b'))],
    checkpoint: NOTE,
  };

  it('[C5.2] are read as they were written, with or without what nobody signed', () => {
    const text = encodeProof(proof);
    expect(text.split('\n').slice(0, 2)).toEqual(['c2sp.org/tlog-proof@v1', 'index 5']);
    expect(parseProof(text).checkpoint).toBe(NOTE);
    expect(encodeProof(parseProof(text))).toBe(text);
    expect(parseProof(text.replace('\nindex', '\nextra YQ==\nindex')).index).toBe(5);
    expect(parseProof(encodeProof({ ...proof, proof: [] })).proof).toEqual([]);
  });

  it.each([
    ['@v1', '@v2'],
    ['index 5', 'index 05'],
    ['index 5', 'leaf 5'],
    ['=\n', '\n'],
  ])('are refused where %j stands as %j', (from, to) => {
    expect(() => parseProof(encodeProof(proof).replace(from, to))).toThrow(malformed);
  });
});

describe('the logs of a journal', () => {
  it('[I8] have an origin for each tenant and partition, whatever the tenant’s name', () => {
    expect(logOrigin('audit.example', { tenant: 'acme', partition: 3 })).toBe('audit.example/log/acme/03');
    expect(logOrigin('audit.example', { tenant: 'Blü +/', partition: 3 })).not.toMatch(/[\s+]/);
    expect(headOrigin('audit.example', 3, 1)).toBe('audit.example/journal/03/1');
  });

  it('have the commit’s digest as entry', () => {
    const digest = '00ff'.repeat(16);
    expect(entryOf(digest)).toHaveLength(32);
    expect(digestOf(entryOf(digest))).toBe(digest);
    expect(() => entryOf('00FF')).toThrow(malformed);
  });
});
