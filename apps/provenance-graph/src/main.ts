import 'reflect-metadata';
import { runService } from '@summit/platform';
import { provenanceGraphConfig } from './config.ts';
import { serveProvenanceGraph } from './serve.ts';

await runService('provenance-graph', provenanceGraphConfig, serveProvenanceGraph);
