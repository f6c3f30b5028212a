import { createRequire } from 'node:module';
import type * as opaWasm from '@open-policy-agent/opa-wasm';

type LoadedPolicy = opaWasm.LoadedPolicy;

// The package's ESM entry lacks what its types promise; its CommonJS entry has it.
const { loadPolicySync } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as typeof opaWasm;

/** The evaluator that decisions record; its version is checked against the installed one by a test. */
export const ENGINE = 'opa-wasm/1.10.0';

/** Builtins that the evaluator brings besides those compiled into the wasm. All are pure. */
const HOST_BUILTINS = new Set([
  'json.is_valid',
  'regex.split',
  'sprintf',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
]);

/** In pages of 64 KiB: what an instance starts with, and what it may grow to before its evaluation fails. */
const INITIAL_PAGES = 5;
const MAX_PAGES = 512;

/**
 * One policy with one tenant's data. // I8
 *
 * Owns a wasm instance and its memory; does not own time (whoever evaluates bounds it). After each evaluation the
 * heap starts again behind the data, so memory does not grow. After a throw the instance must not be used again.
 */
export class PolicyInstance {
  readonly entries: ReadonlyMap<string, number>;
  readonly #policy: LoadedPolicy;
  readonly #exports: OpaExports;
  #memory: Uint8Array;

  /** `data` is JSON in UTF-8. Throws whatever the wasm throws. */
  constructor(module: WebAssembly.Module, data: Uint8Array) {
    const policy = loadPolicySync(module, { initial: INITIAL_PAGES, maximum: MAX_PAGES });
    policy.setData(Uint8Array.from(data).buffer);
    this.#policy = policy;
    this.#exports = opaExports(policy);
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
   * defined), valid until the next call.
   */
  evaluate(entry: number, input: Uint8Array): Uint8Array {
    const heap = this.#policy.dataHeapPtr as number;
    this.#reserve(heap + input.length);
    this.#memory.set(input, heap);
    const { dataAddr } = this.#policy;
    return this.#stringAt(
      this.#exports.opa_eval(0, entry, dataAddr, heap, input.length, heap + input.length, 0),
    );
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

function opaExports(policy: LoadedPolicy): OpaExports {
  const { wasmInstance } = policy;
  const { exports } = 'instance' in wasmInstance ? wasmInstance.instance : wasmInstance;
  if (typeof exports['opa_eval'] !== 'function') throw new Error('the module has no opa_eval (ABI 1.2)');
  return exports as unknown as OpaExports;
}
