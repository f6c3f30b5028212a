/**
 * Makes a wasm module count its work and trap when an allowance is spent, so that no policy can hold its caller up.
 *
 * Every turn of a loop and every call of a function that calls others takes one unit of an exported global first;
 * between two units lies straight code, which ends by itself. The count depends on the input alone: a re-evaluation
 * ends where the evaluation did, on whatever machine.
 *
 * Binary format: W3C WebAssembly Core Specification 2.0, chapter 5.
 */
import { OPCODE, WasmReader } from './wasm-reader.ts';

/** This way of counting, by name and version: part of the engine that decisions record. */
export const METER = 'metered/1';

/** Name of the exported global, an `i32`: units left. */
export const ALLOWANCE = 'summit_allowance';

const SECTION = { import: 2, global: 6, export: 7, code: 10 } as const;

/** A mutable `i32`; while the module is loaded it is as good as endless: 2³¹ - 1. */
const GLOBAL = [0x7f, 0x01, 0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x0b];

interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

/** The same module, metered. Throws where it holds what can not be metered. */
export function meter(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(wasm);
  const body = (id: number): Uint8Array | undefined => sections.find((section) => section.id === id)?.body;
  const allowance = importedGlobals(body(SECTION.import)) + countOf(body(SECTION.global));
  const changed = new Map<number, Uint8Array>([
    [SECTION.global, appended(body(SECTION.global), GLOBAL)],
    [SECTION.export, appended(body(SECTION.export), exportOf(ALLOWANCE, allowance))],
    [SECTION.code, meteredCode(body(SECTION.code), unitOf(allowance))],
  ]);
  const inOrder = [...sections.filter(({ id }) => !changed.has(id)), ...toSections(changed)].toSorted(
    byOrder,
  );
  const written = inOrder.flatMap(({ id, body: content }) => [
    Uint8Array.of(id),
    Uint8Array.from(u32(content.length)),
    content,
  ]);
  return joined([wasm.subarray(0, 8), ...written]);
}

const toSections = (changed: ReadonlyMap<number, Uint8Array>): Section[] =>
  [...changed].map(([id, body]) => ({ id, body }));

/** Custom sections (0) only carry names; what is left of them goes last. */
const byOrder = (a: Section, b: Section): number => (a.id || 99) - (b.id || 99);

function sectionsOf(wasm: Uint8Array): Section[] {
  const reader = new WasmReader(wasm, 8);
  const sections: Section[] = [];
  while (reader.at < wasm.length) {
    const id = reader.byte();
    const length = reader.u32();
    const start = reader.at;
    reader.skip(length);
    sections.push({ id, body: wasm.subarray(start, reader.at) });
  }
  return sections;
}

const countOf = (body: Uint8Array | undefined): number => (body ? new WasmReader(body).u32() : 0);

function importedGlobals(body: Uint8Array | undefined): number {
  if (!body) return 0;
  const reader = new WasmReader(body);
  let globals = 0;
  for (let left = reader.u32(); left > 0; left--) {
    reader.skip(reader.u32());
    reader.skip(reader.u32());
    const kind = reader.byte();
    if (kind === 0x03) globals++;
    skipImport(reader, kind);
  }
  return globals;
}

function skipImport(reader: WasmReader, kind: number): void {
  if (kind === 0x00) reader.skipNumber();
  else if (kind === 0x03) reader.skip(2);
  else {
    if (kind === 0x01) reader.skip(1);
    const bounded = reader.byte();
    reader.skipNumber();
    if (bounded === 0x01) reader.skipNumber();
  }
}

/** A vector with one element more. */
function appended(body: Uint8Array | undefined, element: readonly number[]): Uint8Array {
  const reader = new WasmReader(body ?? Uint8Array.of(0));
  const count = u32(reader.u32() + 1);
  return joined([Uint8Array.from(count), reader.bytes.subarray(reader.at), Uint8Array.from(element)]);
}

const exportOf = (name: string, global: number): readonly number[] => [
  ...u32(name.length),
  ...new TextEncoder().encode(name),
  0x03,
  ...u32(global),
];

/** `if allowance = 0 then trap; allowance := allowance - 1` */
function unitOf(global: number): Uint8Array {
  const index = u32(global);
  const test = [0x23, ...index, 0x45, 0x04, 0x40, 0x00, 0x0b];
  const take = [0x23, ...index, 0x41, 0x01, 0x6b, 0x24, ...index];
  return Uint8Array.from([...test, ...take]);
}

function meteredCode(body: Uint8Array | undefined, unit: Uint8Array): Uint8Array {
  const reader = new WasmReader(body ?? Uint8Array.of(0));
  const count = reader.u32();
  const parts: Uint8Array[] = [Uint8Array.from(u32(count))];
  for (let left = count; left > 0; left--) {
    const length = reader.u32();
    const start = reader.at;
    reader.skip(length);
    const metered = meteredFunction(reader.bytes.subarray(start, reader.at), unit);
    parts.push(Uint8Array.from(u32(metered.length)), metered);
  }
  return joined(parts);
}

function meteredFunction(body: Uint8Array, unit: Uint8Array): Uint8Array {
  const reader = new WasmReader(body);
  for (let groups = reader.u32(); groups > 0; groups--) {
    reader.skipNumber();
    reader.skip(1);
  }
  const entry = reader.at;
  const parts: Uint8Array[] = [];
  let copied = entry;
  let calls = false;
  while (reader.at < body.length) {
    const opcode = reader.instruction();
    if (opcode === OPCODE.call || opcode === OPCODE.callIndirect) calls = true;
    if (opcode !== OPCODE.loop) continue;
    parts.push(body.subarray(copied, reader.at), unit);
    copied = reader.at;
  }
  const rest = [...parts, body.subarray(copied)];
  return joined([body.subarray(0, entry), ...(calls ? [unit] : []), ...rest]);
}

function u32(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return [...bytes, left];
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
