import { LEASE_MS, MemoryLeases } from './leadership.ts';
import { leadershipSuite } from './leadership.suite.ts';

let now = 0;
let partitions = 0;
const leases = new MemoryLeases(() => now);

leadershipSuite(
  'in memory',
  {
    of: (holder) => leases.of(holder),
    lapse: () => {
      now += LEASE_MS + 1;
      return Promise.resolve();
    },
  },
  () => partitions++,
);
