import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type * as opaWasm from '@open-policy-agent/opa-wasm';
import { readFiles } from './bundle.ts';
import { PolicyInstance } from './instance.ts';
import { ALLOWANCE, meter } from './meter.ts';
import { policyCases } from './release.fixture.ts';

const { loadPolicySync } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as typeof opaWasm;
const POLICIES = new URL('../../../policies/', import.meta.url);

const wasmIn = (file: URL): Uint8Array => {
  const wasm = readFiles(readFileSync(file)).get('policy.wasm');
  if (!wasm) throw new Error('the bundle holds no policy.wasm');
  return wasm;
};

/** A module with one exported function `f: [] → []` of the given body (locals included, `end` not). */
function moduleOf(...body: number[]): Uint8Array {
  const head = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const type = [0x01, 0x04, 0x01, 0x60, 0x00, 0x00];
  const functions = [0x03, 0x02, 0x01, 0x00];
  const memory = [0x05, 0x03, 0x01, 0x00, 0x01];
  const exports = [0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00];
  const code = [0x0a, body.length + 3, 0x01, body.length + 1, ...body, 0x0b];
  return Uint8Array.from([...head, ...type, ...functions, ...memory, ...exports, ...code]);
}

const LOOP = [0x00, 0x03, 0x40, 0x0c, 0x00, 0x0b]; // no locals; loop br 0 end
const RECURSION = [0x00, 0x10, 0x00]; // no locals; call 0

function metered(wasm: Uint8Array): { f: () => void; allowance: WebAssembly.Global } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(meter(wasm)));
  return { f: exports['f'] as () => void, allowance: exports[ALLOWANCE] as WebAssembly.Global };
}

describe('a metered module', () => {
  it('[C5.1] answers as the one that it was made of, for every case of the release', () => {
    const wasm = wasmIn(new URL('dist/summit.bundle.tar.gz', POLICIES));
    for (const { area, tenant, input } of policyCases(POLICIES)) {
      const data = { tenant };
      const entry = `summit/${area}/decision`;
      const plain = loadPolicySync(new WebAssembly.Module(Uint8Array.from(wasm)), {
        initial: 5,
        maximum: 512,
      });
      const number = (plain.entrypoints as Record<string, number>)[entry];
      if (number === undefined) continue; // of the root policy
      plain.setData(data);
      const instance = new PolicyInstance(new WebAssembly.Module(meter(wasm)), encoded(data));
      const answer: unknown = JSON.parse(instance.evaluate(number, JSON.stringify(input)) ?? '');
      expect(answer).toEqual(plain.evaluate(input, entry));
    }
  });

  it('[C5.1] ends a loop when its allowance is spent, at the same place each time', () => {
    const { f, allowance } = metered(moduleOf(...LOOP));
    for (let round = 0; round < 2; round++) {
      allowance.value = 1000;
      expect(f).toThrow(WebAssembly.RuntimeError);
      expect(allowance.value).toBe(0);
    }
  });

  it('[C5.1] ends a recursion', () => {
    const { f, allowance } = metered(moduleOf(...RECURSION));
    allowance.value = 100;
    expect(f).toThrow(WebAssembly.RuntimeError);
    expect(allowance.value).toBe(0);
  });

  it('takes nothing for straight code', () => {
    const { f, allowance } = metered(moduleOf(0x00, 0x01));
    allowance.value = 7;
    f();
    expect(allowance.value).toBe(7);
  });

  it.each([
    ['bulk memory, of which one instruction is any amount of work', [0x00, 0xfc, 0x0b, 0x00]],
    ['an instruction that is not known', [0x00, 0xfd]],
  ])('can not be made of a module with %s', (_, body) => {
    expect(() => meter(moduleOf(...body))).toThrow('can not be metered');
  });

  it('can not be made of a module that is cut off', () => {
    const whole = moduleOf(...LOOP);
    for (const missing of [1, 2, 3, 4, 5]) {
      expect(() => meter(whole.subarray(0, -missing))).toThrow('ends too early');
    }
  });
});

const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
