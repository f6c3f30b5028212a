import { TokenBus } from './token-bus.ts';
import { tokenSuite } from './tokens.suite.ts';

tokenSuite('one process', {
  start: () => {
    const bus = new TokenBus();
    return Promise.resolve({ sink: bus, source: bus });
  },
  stop: () => Promise.resolve(),
});
