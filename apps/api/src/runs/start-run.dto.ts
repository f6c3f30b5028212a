import { dtoOf } from '@summit/platform';
import { commandSchemas } from '@summit/runtime';

/** Body of `POST /v1/runs`; the path says the thread. */
export class StartRunDto extends dtoOf(commandSchemas['run.start'].omit({ threadId: true })) {}
