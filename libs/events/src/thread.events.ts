import { z } from 'zod';
import { defineEvent, json } from './define.ts';

/** A thread was made ahead of its first run, with the state that it begins with (version 0). */
export const ThreadCreated = defineEvent(
  'ThreadCreated',
  {},
  z.object({ threadId: z.string(), state: json }),
);

export const threadEvents = [ThreadCreated] as const;
