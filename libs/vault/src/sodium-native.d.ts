/** The few functions of libsodium that the vault uses; the package has no types of its own. */
declare module 'sodium-native' {
  interface Sodium {
    /** BLAKE2b, keyed where `key` is given; the length of `output` is a parameter of the hash. */
    crypto_generichash(output: Uint8Array, input: Uint8Array, key?: Uint8Array): void;
    /** `cipher` is `message` and 16 bytes of tag; both may share memory from the same start. */
    crypto_aead_xchacha20poly1305_ietf_encrypt(
      cipher: Uint8Array,
      message: Uint8Array,
      associated: Uint8Array | null,
      secretNonce: null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;
    /** Throws where the tag does not match. */
    crypto_aead_xchacha20poly1305_ietf_decrypt(
      message: Uint8Array,
      secretNonce: null,
      cipher: Uint8Array,
      associated: Uint8Array | null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;
    /** Equality in constant time; both of the same length. */
    sodium_memcmp(a: Uint8Array, b: Uint8Array): boolean;
    randombytes_buf(output: Uint8Array): void;
  }
  const sodium: Sodium;
  export default sodium;
}
