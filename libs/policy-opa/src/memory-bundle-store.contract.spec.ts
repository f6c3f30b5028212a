import { memoryBundleStore } from './bundle-store.ts';
import { bundleStoreSuite } from './bundle-store.suite.ts';

bundleStoreSuite('in memory', () => Promise.resolve(memoryBundleStore()));
