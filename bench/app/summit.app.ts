import { defineApp } from '@summit/sdk';
import { long } from './long.ts';
import { outside } from './outside.ts';
import { steps } from './steps.ts';
import { talking } from './talk.ts';

/** What the bench has Summit run; a file for each kind of figure. */
export default defineApp({
  name: 'bench',
  workflows: [...steps.workflows, ...outside.workflows, ...long.workflows],
  tools: [...steps.tools, ...outside.tools, ...long.tools],
  ...talking,
});
