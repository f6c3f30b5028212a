export { systemClock } from './clock.ts';
export { commandBodies, type CommandKey } from './commands/bodies.ts';
export { commandJsonSchema, commandSchemas, envelope, type Fields, isVerb } from './commands/schemas.ts';
export {
  type CommandGateway,
  LocalGateway,
  type PartitionFigures,
  partitionOfCommand,
  partitionOfQuery,
  partitionOfRun,
} from './command-gateway.ts';
export { NatsGateway, serveGateway } from './nats-gateway.ts';
export { Executor, type ExecutorOptions } from './executor/executor.ts';
export {
  type Answer,
  type Command,
  type CommandBody,
  type IfBusy,
  type Query,
  type Reply,
  type RunQuery,
  type ThreadQuery,
} from './leader/command.ts';
export { answerOf } from './leader/answers.ts';
export { Leader, type LeaderOptions } from './leader/leader.ts';
export { Reign, type ReignOptions } from './leader/reign.ts';
export { type RunView, type ThreadView } from './leader/views.ts';
export {
  type ExecutorInbox,
  type ExecutorLink,
  InProcessLink,
  type LeaderInbox,
  type LeaderLink,
} from './link.ts';
export { type Log, silentLog } from './log.ts';
export { NatsLink } from './nats-link.ts';
export { serveThread, ThreadGateway } from './thread-gateway.ts';
export { WrittenAnswer } from './written-answer.ts';
export { NatsTokenSink, NatsTokenSource, tokenSubject } from './tokens/nats-tokens.ts';
export { TokenBus } from './tokens/token-bus.ts';
export { type Token, type TokenAddress, type TokenSink, type TokenSource } from './tokens/tokens.ts';
