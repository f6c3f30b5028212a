import { dtoOf } from '@summit/platform';
import { commandSchemas } from '@summit/runtime';

/** What comes with each verb; ids that HTTP has in the path are fields. */
export class StartRun extends dtoOf(commandSchemas['run.start']) {}
export class SignalRun extends dtoOf(commandSchemas['run.signal']) {}
export class PauseRun extends dtoOf(commandSchemas['run.pause']) {}
export class ResumeRun extends dtoOf(commandSchemas['run.resume']) {}
export class CancelRun extends dtoOf(commandSchemas['run.cancel']) {}
export class CreateThread extends dtoOf(commandSchemas['thread.create']) {}
export class PatchState extends dtoOf(commandSchemas['state.patch']) {}
export class DecideApproval extends dtoOf(commandSchemas['approval.decide']) {}
