export { type BenchOptions, runBench } from './run-bench.ts';
export { isPart, type PartName, partNames, parts } from './parts.ts';
export { peerNames, type PeerName } from './peers.ts';
export { type BenchReport, type Figure, reportTable } from './report.ts';
export { type StackKind, type StackProcess, type SummitStack } from './stack.ts';
