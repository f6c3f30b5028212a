export { FileKeyStore, type FileKeyStoreOptions } from './file-key-store.ts';
export { type KeyId, type KeyKind, type KeyLookup, type KeyStore } from './key-store.ts';
export { MemoryKeyStore } from './memory-key-store.ts';
export { randomHex } from './random.ts';
export { newSalt } from './salt.ts';
export { disclose, openDisclosed } from './sealing.ts';
export { surrogate } from './surrogate.ts';
export { Vault } from './vault.ts';
