import { InvalidInputError } from '@summit/kernel';

/** The files of an archive by name, without a leading slash. */
export type Files = ReadonlyMap<string, Uint8Array>;

const BLOCK = 512;
const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** Reads a ustar archive (POSIX.1-1988), as OPA writes bundles. Throws `POLICY_BUNDLE_INVALID`. */
export function readTar(archive: Uint8Array): Files {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; archive[at] !== 0;) {
    if (at + BLOCK > archive.length) throw invalid('an archive that is cut off');
    const header = archive.subarray(at, at + BLOCK);
    const size = octal(header.subarray(124, 136));
    const type = String.fromCharCode(header[156] ?? 0);
    const start = at + BLOCK;
    if (start + size > archive.length) throw invalid('an archive that is cut off');
    if (type === '0' || type === '\0') add(files, nameOf(header), archive.subarray(start, start + size));
    else if (type !== '5') throw invalid(`an entry of type ${JSON.stringify(type)}`);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** Writes a ustar archive that depends on names and bytes alone: sorted, no owner, no time. */
export function writeTar(files: Files): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    blocks.push(headerOf(name, bytes.length), bytes, new Uint8Array(-bytes.length & (BLOCK - 1)));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(blocks);
}

function add(files: Map<string, Uint8Array>, name: string, bytes: Uint8Array): void {
  if (name.split('/').includes('..')) throw invalid(`the name ${JSON.stringify(name)}`);
  if (files.has(name)) throw invalid(`${name} twice`);
  files.set(name, bytes);
}

function nameOf(header: Uint8Array): string {
  const prefix = text(header.subarray(345, 500));
  const name = text(header.subarray(0, 100));
  return (prefix ? `${prefix}/${name}` : name).replace(/^(\.?\/)+/, '');
}

function headerOf(name: string, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const path = encoder.encode(`/${name}`);
  if (path.length > 100) throw invalid(`the name ${name} is longer than 99 bytes`);
  header.set(path, 0);
  const put = (value: string, at: number) => {
    header.set(encoder.encode(value), at);
  };
  put('0000600\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put('0', 156);
  put('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function octal(field: Uint8Array): number {
  const digits = text(field).trim();
  if (!/^[0-7]+$/.test(digits)) throw invalid('an entry without a size');
  return Number.parseInt(digits, 8);
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

const invalid = (what: string): InvalidInputError =>
  new InvalidInputError(
    'POLICY_BUNDLE_INVALID',
    `the bundle holds ${what}`,
    'Build it with summit policy build.',
  );
