import { MemoryObjectStore } from './memory-object-store.ts';
import { objectStoreSuite } from './object-store.suite.ts';

objectStoreSuite('in memory', {
  fresh: () => {
    const store = new MemoryObjectStore();
    return Promise.resolve({ one: store, other: store });
  },
});
