import { BaseRpcContext } from '@nestjs/microservices';
import { type Command } from '@summit/runtime';

/** Whose command a handler is given: all of it but what is asked. */
export type Caller = Omit<Command, 'body'>;

/** What a handler is told beside the message. */
export class BusContext extends BaseRpcContext<[Caller]> {
  constructor(caller: Caller) {
    super([caller]);
  }

  get caller(): Caller {
    return this.getArgs()[0];
  }
}
