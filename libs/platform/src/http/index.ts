export { Callers } from './callers.ts';
export { ProblemFilter } from './problem.filter.ts';
