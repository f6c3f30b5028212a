import { MAX_LIMIT, RUN_STATUSES } from '@summit/read-models';
import { inPath, json, type Operation, problems, ref } from './openapi.parts.ts';

const query = (name: string, description: string, schema: object): object => ({
  name,
  in: 'query',
  description,
  schema,
});

/** Parameters of every list. */
export const page = [
  query('limit', 'Items of the page; default 50.', { type: 'integer', minimum: 1, maximum: MAX_LIMIT }),
  query('after', 'What next of the page before said.', { type: 'string' }),
];

const list = (summary: string, parameters: readonly object[], schema: string): Operation => ({
  summary,
  parameters: [...parameters, ...page],
  responses: { 200: { description: 'A page', ...json(ref(schema)) }, ...problems },
});

export const listRuns = list(
  'Runs that are and were, newest first',
  [
    query('status', 'Of this status alone.', { enum: RUN_STATUSES }),
    query('workflow', 'Of this workflow alone.', { type: 'string' }),
    query('thread', 'Of this thread alone.', { type: 'string' }),
  ],
  'RunPage',
);
export const listThreads = list('Threads, newest first', [], 'ThreadPage');
export const listMessages = list(
  'What was said on a thread, in order, across its runs',
  [inPath('id', 'A thread.')],
  'MessagePage',
);

const instant = { type: 'integer', description: 'Milliseconds since the epoch' };
const erased = { const: true, description: 'Its key is gone, and with it what people wrote' };
const pageOf = (properties: object): object => ({
  type: 'object',
  required: ['items'],
  properties: {
    items: { type: 'array', items: { type: 'object', properties } },
    next: { type: 'string', description: 'Where the next page begins; absent on the last' },
  },
});
const times = { createdAt: instant, updatedAt: instant };

export const listSchemas = {
  RunPage: pageOf({
    runId: { type: 'string' },
    threadId: { type: 'string' },
    workflow: { type: 'string' },
    workflowVersion: { type: 'string' },
    status: { enum: RUN_STATUSES },
    version: { type: 'integer' },
    waitingFor: { type: 'array', items: { type: 'string' } },
    startedBy: { type: 'string' },
    ...times,
    endedAt: instant,
    erased,
  }),
  ThreadPage: pageOf({
    threadId: { type: 'string' },
    runs: { type: 'integer' },
    messages: { type: 'integer' },
    stateVersion: { type: 'integer' },
    lastRun: { type: 'string' },
    ...times,
    erased,
  }),
  MessagePage: pageOf({
    index: { type: 'integer' },
    runId: { type: 'string' },
    at: instant,
    causedBy: { type: 'string', description: 'Id of the event' },
    role: { enum: ['user', 'assistant', 'tool'] },
    message: { type: 'object' },
    erased,
  }),
};
