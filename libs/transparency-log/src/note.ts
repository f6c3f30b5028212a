/**
 * Signed notes (C2SP signed-note): a text, then one line for each signature. The keys themselves are ports: whoever
 * signs and verifies brings Ed25519.
 */
import { sha256Bytes } from '@summit/kernel';
import { fromBase64, toBase64 } from './base64.ts';
import { logMalformed } from './errors.ts';

/** Ed25519, in the list of signature types of signed-note. */
const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const LINE_FEED = 0x0a;
const MAX_NOTE_CHARS = 1_000_000;

/** A name and the public half of an Ed25519 key (32 bytes, RFC 8032). */
export interface NoteKey {
  /** Not empty, without spaces and plus signs; a log's is its origin. */
  readonly name: string;
  readonly publicKey: Uint8Array;
}

/** Signs the text of notes under a key. */
export interface NoteSigner extends NoteKey {
  /** The 64 bytes of an Ed25519 signature. */
  sign(text: Uint8Array): Uint8Array;
}

/** Whether an Ed25519 signature holds. */
export type VerifySignature = (publicKey: Uint8Array, text: Uint8Array, signature: Uint8Array) => boolean;

/** A signature line. */
export interface NoteSignature {
  readonly name: string;
  /** Four bytes, hexadecimal. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** A note taken apart; nothing of it is verified yet. */
export interface Note {
  /** With its last line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const encoder = new TextEncoder();
const NAME = /^[^\s+]+$/u;

/** Whether there is a control character other than a line feed: no note may hold one. */
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== LINE_FEED) return true;
  }
  return false;
}

/** The first four bytes of SHA-256(name ‖ LF ‖ type ‖ public key). */
function keyIdOf({ name, publicKey }: NoteKey): Uint8Array {
  const head = encoder.encode(`${name}\n`);
  const input = new Uint8Array(head.length + 1 + publicKey.length);
  input.set(head);
  input[head.length] = ED25519;
  input.set(publicKey, head.length + 1);
  return sha256Bytes(input).subarray(0, KEY_ID_BYTES);
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Four bytes that name a key together with its name, hexadecimal. */
export const noteKeyId = (key: NoteKey): string => hex(keyIdOf(key));

/** How a key is told to verifiers: `name+keyId+base64(type ‖ public key)`, as Go's `sumdb/note` writes it. */
export function encodeVerifierKey(key: NoteKey): string {
  return `${key.name}+${noteKeyId(key)}+${toBase64(Uint8Array.of(ED25519, ...key.publicKey))}`;
}

/** Throws `LOG_MALFORMED`. */
export function parseVerifierKey(text: string): NoteKey {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text.trim());
  const bytes = fromBase64(match?.[3] ?? '');
  if (match?.[1] === undefined || bytes?.[0] !== ED25519 || bytes.length !== 33) {
    throw logMalformed('a verifier key', 'it is not name+id+key of an Ed25519 key');
  }
  const key = { name: match[1], publicKey: bytes.subarray(1) };
  if (noteKeyId(key) !== match[2]) throw logMalformed('a verifier key', 'its id is not that of its key');
  return key;
}

/** Signs a text, which must end in a line feed. Throws `LOG_MALFORMED` for a text or a name that no note may have. */
export function signNote(text: string, signer: NoteSigner): string {
  if (!text.endsWith('\n') || hasControl(text) || !text.isWellFormed()) {
    throw logMalformed('the text of a note', 'it must be well-formed text that ends in a line feed');
  }
  if (!NAME.test(signer.name))
    throw logMalformed('the name of a key', 'it has spaces or a plus sign, or is empty');
  const signature = signer.sign(encoder.encode(text));
  return `${text}\n— ${signer.name} ${toBase64(Uint8Array.of(...keyIdOf(signer), ...signature))}\n`;
}

/** Takes a note apart. Throws `LOG_MALFORMED`. */
export function parseNote(note: string): Note {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n') || note.length > MAX_NOTE_CHARS || hasControl(note)) {
    throw logMalformed('a signed note', 'it is not a text, an empty line, and signatures');
  }
  const lines = note.slice(end + 2, -1).split('\n');
  return { text: note.slice(0, end + 1), signatures: lines.map(signatureOf) };
}

function signatureOf(line: string): NoteSignature {
  const match = /^— ([^\s+]+) (\S+)$/u.exec(line);
  const bytes = fromBase64(match?.[2] ?? '');
  if (match?.[1] === undefined || !bytes || bytes.length <= KEY_ID_BYTES) {
    throw logMalformed('a signed note', 'a signature line is not as it should be');
  }
  const keyId = hex(bytes.subarray(0, KEY_ID_BYTES));
  return { name: match[1], keyId, signature: bytes.subarray(KEY_ID_BYTES) };
}

/**
 * The text, once a signature by one of the keys holds. Undefined where none of them signed it, or one of theirs does
 * not hold; signatures of unknown keys are ignored. Throws `LOG_MALFORMED`.
 */
export function openNote(
  note: string,
  keys: readonly NoteKey[],
  verify: VerifySignature,
): string | undefined {
  const { text, signatures } = parseNote(note);
  const bytes = encoder.encode(text);
  let held = false;
  for (const { name, keyId, signature } of signatures) {
    const key = keys.find((candidate) => candidate.name === name && noteKeyId(candidate) === keyId);
    if (!key) continue;
    if (!verify(key.publicKey, bytes, signature)) return undefined;
    held = true;
  }
  return held ? text : undefined;
}
