import { writeFileSync } from 'node:fs';

/** Writes what a Jest run amounts to; a spec that does not load counts as one failure. */
export default class CountReporter {
  constructor(_globalConfig, { file }) {
    this.file = file;
  }

  onRunComplete(_contexts, result) {
    const counts = {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
      specs: result.numTotalTestSuites,
    };
    writeFileSync(this.file, JSON.stringify(counts));
  }
}
