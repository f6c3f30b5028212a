import { commandSchemas } from '@summit/runtime';
import { STREAM_EVENT_TYPES } from '@summit/streams';
import { approvalPaths, approvalSchemas } from './openapi.approvals.ts';
import { listMessages, listRuns, listSchemas, listThreads } from './openapi.lists.ts';
import { bodyOf, idempotencyKey, inPath, json, type Operation, problems, ref } from './openapi.parts.ts';

/** OpenAPI 3.1 of what `apps/api` serves; a test holds it against the routes that are there. */

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

const wait = {
  name: 'wait',
  in: 'query',
  description: 'Seconds that the answer may take: it comes when the run has ended or waits.',
  schema: { type: 'number', minimum: 0, maximum: 60 },
};
const runId = inPath('id', 'A run.');
const threadId = inPath('id', 'A thread.');
const at = {
  name: 'at',
  in: 'query',
  description: 'A version of the state: the present one, or one of the 16 before it.',
  schema: { type: 'integer', minimum: 0 },
};
const ifMatch = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The ETag of the state that the patch was made for; 412 where it is another by now.',
  schema: { type: 'string' },
};
const after = {
  name: 'after',
  in: 'query',
  description: 'The cursor of the last event that you have, as it was received; from the start without it.',
  schema: { type: 'string', maxLength: 8192 },
};
const lastEventId = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'What browsers send when they come again; goes before after.',
  schema: { type: 'string', maxLength: 8192 },
};
const limit = {
  name: 'limit',
  in: 'query',
  description: 'Events of the page; default 200.',
  schema: { type: 'integer', minimum: 1, maximum: 1000 },
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
  ...listSchemas,
  StartRun: bodyOf(commandSchemas['run.start'].omit({ threadId: true })),
  Signal: bodyOf(commandSchemas['run.signal'].omit({ runId: true })),
  Cancel: bodyOf(commandSchemas['run.cancel'].omit({ runId: true })),
  CreateThread: {
    type: 'object',
    additionalProperties: false,
    properties: {
      id: { type: 'string', minLength: 1, maxLength: 256, description: 'One is made where none is given' },
      state: { type: 'object', description: 'What the thread begins with' },
    },
  },
  StatePatch: bodyOf(commandSchemas['state.patch'].shape.patch),
  Thread: {
    type: 'object',
    required: ['threadId', 'stateVersion', 'queuedRuns'],
    properties: {
      threadId: { type: 'string' },
      stateVersion: { type: 'integer' },
      createdAt: { type: 'integer', description: 'Milliseconds since the epoch' },
      activeRun: { type: 'string', description: 'The run that has the thread' },
      queuedRuns: { type: 'array', items: { type: 'string' } },
    },
  },
  State: {
    type: 'object',
    required: ['threadId', 'version'],
    properties: {
      threadId: { type: 'string' },
      version: { type: 'integer', description: 'What If-Match means' },
      state: { type: 'object' },
    },
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
  ...approvalSchemas,
  Done: { type: 'object', properties: { runId: { type: 'string' }, version: { type: 'integer' } } },
  StreamEvent: {
    type: 'object',
    required: ['cursor', 'runId', 'threadId', 'at', 'type'],
    properties: {
      cursor: { type: 'string', description: 'Opaque; send it back to go on after this event' },
      runId: { type: 'string' },
      threadId: { type: 'string' },
      at: { type: 'number', description: 'Milliseconds since the epoch' },
      type: { enum: STREAM_EVENT_TYPES },
    },
    additionalProperties: true,
  },
  EventPage: {
    type: 'object',
    required: ['events', 'next', 'ended'],
    properties: {
      events: { type: 'array', items: ref('StreamEvent') },
      next: { type: 'string', description: 'The cursor to ask for the next page with' },
      ended: { type: 'boolean', description: 'The run has ended, and this page has its last event' },
    },
  },
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
    '/v1/runs': { post: start('Start a run on a new thread', []), get: listRuns },
    '/v1/threads/{id}/runs': { post: start('Start a run on a thread', [threadId]) },
    '/v1/threads/{id}/messages': { get: listMessages },
    '/v1/threads': {
      get: listThreads,
      post: {
        summary: 'Make a thread ahead of its first run',
        parameters: [idempotencyKey],
        requestBody: json(ref('CreateThread')),
        responses: { 201: { description: 'Made', ...json(ref('Thread')) }, ...problems },
      },
    },
    '/v1/threads/{id}': {
      get: {
        summary: 'A thread as it is',
        parameters: [threadId],
        responses: { 200: { description: 'The thread', ...json(ref('Thread')) }, ...problems },
      },
    },
    '/v1/threads/{id}/state': {
      get: {
        summary: 'The state of a thread; its ETag is the version',
        parameters: [threadId, at],
        responses: { 200: { description: 'The state', ...json(ref('State')) }, ...problems },
      },
      patch: {
        summary: 'Correct the state of a thread',
        parameters: [threadId, ifMatch, idempotencyKey],
        requestBody: { required: true, ...json(ref('StatePatch')) },
        responses: { 200: { description: 'Done, and durable', ...json(ref('State')) }, ...problems },
      },
    },
    '/v1/runs/{id}': {
      get: {
        summary: 'A run as it is',
        parameters: [runId, wait],
        responses: { 200: { description: 'The run', ...json(ref('Run')) }, ...problems },
      },
    },
    '/v1/runs/{id}/events': {
      get: {
        summary: 'What has happened in a run, a page at a time',
        parameters: [runId, after, limit],
        responses: { 200: { description: 'A page', ...json(ref('EventPage')) }, ...problems },
      },
    },
    '/v1/runs/{id}/stream': {
      get: {
        summary: 'A run as it happens, until it has ended',
        parameters: [runId, after, lastEventId],
        responses: {
          200: {
            description: 'Server-sent events: id is the cursor, event the type, data a StreamEvent',
            content: { 'text/event-stream': { schema: ref('StreamEvent') } },
          },
          204: { description: 'The run has ended with the event that you have' },
          ...problems,
        },
      },
    },
    ...approvalPaths,
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
    '/schemas/commands': { get: plain('Verbs of the bus', 'application/json') },
    '/schemas/commands/{name}': {
      get: {
        ...plain('JSON Schema of a verb of the bus', 'application/json'),
        parameters: [inPath('name', '<entity>.<verb>.json')],
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
