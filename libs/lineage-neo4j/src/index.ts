export { type Neo4jAddress, neo4jAddress } from './connect.ts';
export { type GraphDigest } from './graph-digest.ts';
export { type Direction, type Lineage, type LineageQuery } from './lineage.ts';
export { type GraphStep, LineageGraph, type Written } from './lineage-graph.ts';
