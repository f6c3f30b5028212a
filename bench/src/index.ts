export { type BenchOptions, runBench } from './run-bench.ts';
export { peerNames, type PeerName } from './peers.ts';
export { type BenchReport, type Figure, reportTable } from './report.ts';
export { type SummitEndpoint } from './summit.ts';
export { standardWorkload, type Workload } from './workload.ts';
