/** The PROV graph's writer in a thread of the host: opening and mapping commits is no work for the leaders' thread. */
import 'reflect-metadata';
import { runServiceThread } from '@summit/platform';
import { provenanceGraphConfig, serveProvenanceGraph } from '@summit/provenance-graph';

await runServiceThread('provenance-graph', provenanceGraphConfig, serveProvenanceGraph);
