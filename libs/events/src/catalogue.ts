import { z } from 'zod';
import { approvalEvents } from './approval.events.ts';
import { catalogueEvents } from './catalogue.events.ts';
import { partitionEvents } from './partition.events.ts';
import { runEvents } from './run.events.ts';
import { threadEvents } from './thread.events.ts';

export type RunEvent = z.infer<(typeof runEvents)[number]> | ApprovalEvent;
/** Approvals stand in the commits of their run. */
export type ApprovalEvent = z.infer<(typeof approvalEvents)[number]>;
export type PartitionEvent = z.infer<(typeof partitionEvents)[number]>;
export type CatalogueEvent = z.infer<(typeof catalogueEvents)[number]>;
export type ThreadEvent = z.infer<(typeof threadEvents)[number]>;

/** Everything that can happen. */
export type AnyEvent = RunEvent | PartitionEvent | CatalogueEvent | ThreadEvent;

/** The event of a type. */
export type EventOf<Type extends AnyEvent['type']> = Extract<AnyEvent, { type: Type }>;

export const anyEventSchema = z.discriminatedUnion('type', [
  ...runEvents,
  ...approvalEvents,
  ...partitionEvents,
  ...catalogueEvents,
  ...threadEvents,
]);
