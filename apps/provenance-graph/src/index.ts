export { provenanceGraphConfig, type ProvenanceGraphConfig } from './config.ts';
export { serveProvenanceGraph } from './serve.ts';
