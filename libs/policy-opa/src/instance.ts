import { createRequire } from 'node:module';
import type * as opaWasm from '@open-policy-agent/opa-wasm';
import { ALLOWANCE, METER } from './meter.ts';

type LoadedPolicy = opaWasm.LoadedPolicy;

// The package's ESM entry lacks what its types promise; its CommonJS entry has it.
const require = createRequire(import.meta.url);
const { loadPolicySync } = require('@open-policy-agent/opa-wasm') as typeof opaWasm;
const inPackage = createRequire(require.resolve('@open-policy-agent/opa-wasm'));
const builtins = inPackage('./builtins/index') as { sprintf: (format: string, values: unknown[]) => string };
const { sprintf } = builtins;
builtins.sprintf = (format, values) => {
  // Outside the wasm nothing meters: a width of millions would be padded out.
  if (/%[^a-zA-Z%]*\d{4}/.test(format)) throw new Error('sprintf: a width of more than three digits');
  return sprintf(format, values);
};

/** The evaluator that decisions record; its version is checked against the installed one by a test. */
export const ENGINE = `opa-wasm/1.10.0 ${METER}`;

/**
 * Builtins that the evaluator brings besides those compiled into the wasm: pure, and done in a time that their input
 * bounds. Those on regular expressions of JavaScript and on YAML are not.
 */
const HOST_BUILTINS = new Set(['json.is_valid', 'sprintf']);

/**
 * Units of work of one evaluation, see `meter.ts`: some 2 to 20 ns each, so that it ends within 50 ms. The release's
 * policy takes about 3,000 of them for a tool call.
 */
const UNITS = 4_000_000;

/** An answer is at most this long, bytes. */
const MAX_ANSWER_BYTES = 1024 * 1024;
/** A longer answer is not worth remembering, bytes. */
const MAX_REMEMBERED_BYTES = 1024;

/** In pages of 64 KiB: what an instance starts with, and what it may grow to before its evaluation fails. */
const INITIAL_PAGES = 5;
const MAX_PAGES = 512;

/**
 * One policy with one tenant's data. // I8
 *
 * Owns a wasm instance, its memory and its allowance of work. After each evaluation the heap starts again behind the
 * data, so memory does not grow. After a throw the instance must not be used again.
 */
export class PolicyInstance {
  readonly entries: ReadonlyMap<string, number>;
  readonly #memory: WebAssembly.Memory;
  readonly #exports: OpaExports;
  readonly #allowance: WebAssembly.Global;
  /** Addresses in its memory: of the parsed data, and of the heap behind it. */
  readonly #data: number;
  readonly #heap: number;
  #bytes: Buffer;
  #last: { readonly text: string; readonly bytes: Uint8Array } = { text: '', bytes: Uint8Array.of(0) };

  /** Of a metered module; `data` is JSON in UTF-8. Throws whatever the wasm throws. */
  constructor(module: WebAssembly.Module, data: Uint8Array) {
    const policy = loadPolicySync(module, { initial: INITIAL_PAGES, maximum: MAX_PAGES });
    policy.setData(Uint8Array.from(data).buffer);
    const exports = exportsOf(policy);
    this.#exports = opaExports(exports);
    this.#allowance = allowanceOf(exports);
    this.#memory = policy.mem;
    this.#data = policy.dataAddr;
    this.#heap = policy.dataHeapPtr as number;
    this.#bytes = Buffer.from(policy.mem.buffer);
    this.entries = new Map(Object.entries(policy.entrypoints as Record<string, number>));
  }

  /** Builtins that the policy calls and nobody here provides. */
  missingBuiltins(): string[] {
    const address = this.#exports.opa_json_dump(this.#exports.builtins());
    const required: unknown = JSON.parse(this.#textAt(address) ?? '');
    return Object.keys(required as object).filter((name) => !HOST_BUILTINS.has(name));
  }

  /**
   * Evaluates one entry point. `input` is JSON, and so is the answer: `[{"result": …}]`, or `[]` where nothing is
   * defined; undefined where it is longer than 1 MiB. What it throws is a trap, or that the work was too much:
   * {@link exhausted}.
   */
  evaluate(entry: number, input: string): string | undefined {
    const heap = this.#heap;
    const length = this.#write(input, heap);
    this.#allowance.value = UNITS;
    return this.#textAt(this.#exports.opa_eval(0, entry, this.#data, heap, length, heap + length, 0));
  }

  /** The last evaluation was ended because it took more work than it may. */
  get exhausted(): boolean {
    return this.#allowance.value === 0;
  }

  /** Writes a text as UTF-8; its length in bytes. */
  #write(text: string, address: number): number {
    const room = this.#now().length - address;
    // UTF-8 needs at most three bytes a UTF-16 unit; counted only where that leaves a doubt.
    const missing = text.length * 3 <= room ? 0 : Buffer.byteLength(text) - room;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / 65536));
    return this.#now().write(text, address);
  }

  /** The text that ends with a zero. Most answers are the one before once more: those are not decoded again. */
  #textAt(address: number): string | undefined {
    const bytes = this.#now();
    if (isAt(bytes, address, this.#last.bytes)) return this.#last.text;
    const end = bytes.indexOf(0, address);
    if (end - address > MAX_ANSWER_BYTES) return undefined;
    const text = bytes.toString('utf8', address, end);
    if (end - address <= MAX_REMEMBERED_BYTES)
      this.#last = { text, bytes: Uint8Array.from(bytes.subarray(address, end + 1)) };
    return text;
  }

  /** Its memory as it is now: one that grew has another buffer, and the one before is empty. */
  #now(): Buffer {
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.#memory.buffer);
    return this.#bytes;
  }
}

function isAt(memory: Uint8Array, address: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (memory[address + i] !== bytes[i]) return false;
  return true;
}

/** What we call of the OPA wasm ABI 1.2 and newer (openpolicyagent.org, "WebAssembly", Exports). */
interface OpaExports {
  opa_eval(
    reserved: number,
    entry: number,
    data: number,
    input: number,
    inputLength: number,
    heap: number,
    format: number,
  ): number;
  opa_json_dump(value: number): number;
  builtins(): number;
}

type Exports = WebAssembly.Instance['exports'];

function exportsOf({ wasmInstance }: LoadedPolicy): Exports {
  return 'instance' in wasmInstance ? wasmInstance.instance.exports : wasmInstance.exports;
}

function allowanceOf(exports: Exports): WebAssembly.Global {
  const allowance = exports[ALLOWANCE];
  if (allowance instanceof WebAssembly.Global) return allowance;
  throw new Error('the module is not metered');
}

function opaExports(exports: Exports): OpaExports {
  if (typeof exports['opa_eval'] !== 'function') throw new Error('the module has no opa_eval (ABI 1.2)');
  return exports as unknown as OpaExports;
}
