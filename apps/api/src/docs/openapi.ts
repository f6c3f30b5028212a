/** OpenAPI 3.1 of what `apps/api` serves; a test holds it against the routes that are there. */

interface Operation {
  readonly summary: string;
  readonly responses: Readonly<Record<string, object>>;
  readonly [more: string]: unknown;
}

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object): object => ({ content: { 'application/json': { schema } } });
const inPath = (name: string, description: string): object => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
});
const wait = {
  name: 'wait',
  in: 'query',
  description: 'Seconds that the answer may take: it comes when the run has ended or waits.',
  schema: { type: 'number', minimum: 0, maximum: 60 },
};
const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key with the same body is answered once; with another body it is refused (422).',
  schema: { type: 'string', maxLength: 256 },
};
const runId = inPath('id', 'A run.');
const problems = {
  default: {
    description: 'RFC 9457, with the members code, next and traceId',
    content: { 'application/problem+json': { schema: ref('Problem') } },
  },
};

const open = { security: [] };
const plain = (summary: string, type: string): Operation => ({
  summary,
  ...open,
  responses: { 200: { description: 'OK', content: { [type]: {} } }, ...problems },
});

const start = (summary: string, parameters: readonly object[]): Operation => ({
  summary,
  parameters: [...parameters, wait, idempotencyKey],
  requestBody: { required: true, ...json(ref('StartRun')) },
  responses: {
    201: { description: 'Started; with wait, the run as it is', ...json(ref('Run')) },
    ...problems,
  },
});

const command = (summary: string, body?: string): Operation => ({
  summary,
  parameters: [runId, idempotencyKey],
  ...(body !== undefined && { requestBody: json(ref(body)) }),
  responses: { 200: { description: 'Done, and durable', ...json(ref('Done')) }, ...problems },
});

const schemas = {
  StartRun: {
    type: 'object',
    additionalProperties: false,
    required: ['workflow'],
    properties: {
      workflow: { type: 'string', minLength: 1, maxLength: 128 },
      version: { type: 'string', minLength: 1, maxLength: 64, description: 'Default: the newest registered' },
      input: { description: 'What fits the schema of the workflow' },
    },
  },
  Signal: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: { name: { type: 'string', minLength: 1, maxLength: 128 }, payload: {} },
  },
  Cancel: {
    type: 'object',
    additionalProperties: false,
    properties: { reason: { type: 'string', maxLength: 1000 } },
  },
  Run: {
    type: 'object',
    required: ['runId', 'threadId', 'status', 'version'],
    properties: {
      runId: { type: 'string' },
      threadId: { type: 'string' },
      status: { enum: ['pending', 'running', 'waiting', 'completed', 'failed', 'cancelled'] },
      version: { type: 'integer', description: 'Of its last commit' },
      workflow: { type: 'string' },
      workflowVersion: { type: 'string' },
      waitingFor: { type: 'array', items: { type: 'string' } },
      output: {},
      error: { type: 'object' },
    },
  },
  Done: { type: 'object', properties: { runId: { type: 'string' }, version: { type: 'integer' } } },
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', 'traceId'],
    properties: {
      type: { type: 'string', format: 'uri-reference', description: '/errors/CODE' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string' },
      next: { type: 'string', description: 'What to do' },
      traceId: { type: 'string' },
    },
  },
};

export const openApi: OpenApi = {
  openapi: '3.1.0',
  info: { title: 'Summit Runtime', version: '1', description: 'Durable, governed agent workflows.' },
  paths: {
    '/v1/runs': { post: start('Start a run on a new thread', []) },
    '/v1/threads/{id}/runs': { post: start('Start a run on a thread', [inPath('id', 'A thread.')]) },
    '/v1/runs/{id}': {
      get: {
        summary: 'A run as it is',
        parameters: [runId, wait],
        responses: { 200: { description: 'The run', ...json(ref('Run')) }, ...problems },
      },
    },
    '/v1/runs/{id}/signals': { post: command('Send a signal', 'Signal') },
    '/v1/runs/{id}/pause': { post: command('Let no new step begin') },
    '/v1/runs/{id}/resume': { post: command('Go on after a pause') },
    '/v1/runs/{id}/cancel': { post: command('Stop the run', 'Cancel') },
    '/errors/{code}': {
      get: {
        ...plain('What an error means', 'text/markdown'),
        parameters: [inPath('code', 'As a problem names it.')],
      },
    },
    '/healthz': { get: plain('The process lives', 'application/json') },
    '/readyz': { get: plain('It can serve', 'application/json') },
    '/metrics': { get: plain('Figures for Prometheus', 'text/plain') },
    '/openapi.json': { get: plain('This document', 'application/json') },
    '/docs': { get: plain('This document, for people', 'text/html') },
  },
  components: {
    schemas,
    securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  },
};
