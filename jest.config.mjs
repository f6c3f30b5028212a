import { swcOptions } from './tools/decorators.mjs';
import { levelOf } from './tools/test/levels.mjs';

/** One level a run: `tools/jest.mjs` names it in the environment. By hand: `SUMMIT_TEST_LEVEL=unit npx jest`. */
const level = levelOf(process.env['SUMMIT_TEST_LEVEL'] ?? 'unit');
const resultFile = process.env['SUMMIT_TEST_RESULT'];

export default {
  rootDir: import.meta.dirname,
  testMatch: [`<rootDir>/{apps,libs,bench,examples,tools}/**/*.${level.name}.spec.ts`],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/.summit/', '<rootDir>/.nx/', '<rootDir>/bench/peers/'],
  testEnvironment: 'node',
  testTimeout: level.timeoutMs,
  maxWorkers: level.workers,
  // A worker's memory grows with every ES module it compiles (nodejs/node#33439); let it start afresh in time.
  workerIdleMemoryLimit: '768MB',
  extensionsToTreatAsEsm: ['.ts'],
  // Workspace libraries are links below node_modules; Jest sees their real paths, so they are compiled too.
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
  transformIgnorePatterns: ['/node_modules/'],
  cacheDirectory: '<rootDir>/.summit/cache/jest',
  reporters: [
    'default',
    ...(resultFile ? [['<rootDir>/tools/test/count-reporter.mjs', { file: resultFile }]] : []),
  ],
  injectGlobals: false,
  restoreMocks: true,
};
