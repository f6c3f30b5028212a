import { dtoOf } from '@summit/platform';
import { commandSchemas } from '@summit/runtime';

/** Body of `POST /v1/runs/:id/signals`. */
export class SignalDto extends dtoOf(commandSchemas['run.signal'].omit({ runId: true })) {}

/** Body of `POST /v1/runs/:id/cancel`. */
export class CancelDto extends dtoOf(commandSchemas['run.cancel'].omit({ runId: true })) {}
