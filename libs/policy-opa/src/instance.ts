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
 * policy takes about 4,400 of them for a tool call.
 */
const UNITS = 4_000_000;

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
  readonly #policy: LoadedPolicy;
  readonly #exports: OpaExports;
  readonly #allowance: WebAssembly.Global;
  #memory: Uint8Array;

  /** Of a metered module; `data` is JSON in UTF-8. Throws whatever the wasm throws. */
  constructor(module: WebAssembly.Module, data: Uint8Array) {
    const policy = loadPolicySync(module, { initial: INITIAL_PAGES, maximum: MAX_PAGES });
    policy.setData(Uint8Array.from(data).buffer);
    this.#policy = policy;
    const exports = exportsOf(policy);
    this.#exports = opaExports(exports);
    this.#allowance = allowanceOf(exports);
    this.#memory = new Uint8Array(policy.mem.buffer);
    this.entries = new Map(Object.entries(policy.entrypoints as Record<string, number>));
  }

  /** Builtins that the policy calls and nobody here provides. */
  missingBuiltins(): string[] {
    const address = this.#exports.opa_json_dump(this.#exports.builtins());
    const required: unknown = JSON.parse(Buffer.from(this.#stringAt(address)).toString());
    return Object.keys(required as object).filter((name) => !HOST_BUILTINS.has(name));
  }

  /**
   * Evaluates one entry point. `input` is JSON in UTF-8; the answer too (`[{"result": …}]`, or `[]` where nothing is
   * defined), valid until the next call. What it throws is a trap, or that the work was too much: {@link exhausted}.
   */
  evaluate(entry: number, input: Uint8Array): Uint8Array {
    const heap = this.#policy.dataHeapPtr as number;
    this.#reserve(heap + input.length);
    this.#memory.set(input, heap);
    const { dataAddr } = this.#policy;
    this.#allowance.value = UNITS;
    return this.#stringAt(
      this.#exports.opa_eval(0, entry, dataAddr, heap, input.length, heap + input.length, 0),
    );
  }

  /** The last evaluation was ended because it took more work than it may. */
  get exhausted(): boolean {
    return this.#allowance.value === 0;
  }

  #reserve(bytes: number): void {
    const missing = bytes - this.#policy.mem.buffer.byteLength;
    if (missing > 0) this.#policy.mem.grow(Math.ceil(missing / 65536));
    this.#refresh();
  }

  /** Memory that grew has another buffer. */
  #refresh(): void {
    const { buffer } = this.#policy.mem;
    if (this.#memory.buffer !== buffer) this.#memory = new Uint8Array(buffer);
  }

  #stringAt(address: number): Uint8Array {
    this.#refresh();
    return this.#memory.subarray(address, this.#memory.indexOf(0, address));
  }
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
