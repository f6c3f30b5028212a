import sodium from 'sodium-native';

const SURROGATE_BYTES = 16;

/**
 * What stands in clear for a name that people chose: keyed BLAKE2b over kind and name, 32 hexadecimal digits.
 * The same name gives the same surrogate within a tenant, and nobody without the tenant's key can try names.
 *
 * The tenant's key has three uses; BLAKE2b takes the output's length as a parameter, which keeps them apart:
 * 16 bytes here, 32 for the wrapping key, 64 for the keys of commits.
 */
export function surrogate(tenantKey: Uint8Array, kind: string, name: string): string {
  const output = Buffer.alloc(SURROGATE_BYTES);
  sodium.crypto_generichash(output, Buffer.from(`${kind}\0${name}`), tenantKey);
  return output.toString('hex');
}
