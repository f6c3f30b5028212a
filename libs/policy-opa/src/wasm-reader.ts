/**
 * Reads the binary format of WebAssembly 1.0 with the sign-extension and saturating-conversion operators
 * (W3C WebAssembly Core Specification 2.0, chapter 5): as much of it as compilers of policies emit. What is not read
 * here throws, so that nothing passes unmetered.
 */
export class WasmReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error('the module ends too early');
    return byte;
  }

  skip(count: number): void {
    this.at += count;
    if (this.at > this.bytes.length) throw new Error('the module ends too early');
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error('a number is too long');
  }

  /** A LEB128 number of any kind, passed over. */
  skipNumber(): void {
    for (let length = 0; length < 10; length++) if (this.byte() < 0x80) return;
    throw new Error('a number is too long');
  }

  /** One instruction: its opcode; its immediates are passed over. */
  instruction(): number {
    const opcode = this.byte();
    this.#skipImmediates(opcode);
    return opcode;
  }

  #skipImmediates(opcode: number): void {
    switch (IMMEDIATES[opcode]) {
      case 'none':
        return;
      case 'number':
        this.skipNumber();
        return;
      case 'two numbers':
        this.skipNumber();
        this.skipNumber();
        return;
      case 'f32':
        this.skip(4);
        return;
      case 'f64':
        this.skip(8);
        return;
      case 'table':
        for (let targets = this.u32() + 1; targets > 0; targets--) this.skipNumber();
        return;
      case 'saturating':
        if (this.u32() <= 7) return;
        throw unreadable(opcode); // bulk memory: one instruction could do any amount of work
      default:
        throw unreadable(opcode);
    }
  }
}

export const OPCODE = { loop: 0x03, call: 0x10, callIndirect: 0x11 } as const;

type Immediates = 'none' | 'number' | 'two numbers' | 'f32' | 'f64' | 'table' | 'saturating';

/** First and last opcode of a range, and what follows them. Block types and indices are numbers. */
const RANGES: readonly (readonly [first: number, last: number, immediates: Immediates])[] = [
  [0x00, 0x01, 'none'], // unreachable, nop
  [0x02, 0x04, 'number'], // block, loop, if
  [0x05, 0x05, 'none'], // else
  [0x0b, 0x0b, 'none'], // end
  [0x0c, 0x0d, 'number'], // br, br_if
  [0x0e, 0x0e, 'table'], // br_table
  [0x0f, 0x0f, 'none'], // return
  [OPCODE.call, OPCODE.call, 'number'],
  [OPCODE.callIndirect, OPCODE.callIndirect, 'two numbers'],
  [0x1a, 0x1b, 'none'], // drop, select
  [0x20, 0x24, 'number'], // locals and globals
  [0x28, 0x3e, 'two numbers'], // loads and stores
  [0x3f, 0x42, 'number'], // memory.size, memory.grow, i32.const, i64.const
  [0x43, 0x43, 'f32'],
  [0x44, 0x44, 'f64'],
  [0x45, 0xc4, 'none'], // numeric
  [0xfc, 0xfc, 'saturating'],
];

const IMMEDIATES: readonly (Immediates | undefined)[] = Array.from(
  { length: 256 },
  (_, opcode) => RANGES.find(([first, last]) => opcode >= first && opcode <= last)?.[2],
);

const unreadable = (opcode: number): Error =>
  new Error(`the instruction 0x${opcode.toString(16)} can not be metered`);
