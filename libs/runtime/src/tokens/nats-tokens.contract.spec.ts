import { connectNats } from '@summit/journal-nats';
import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { silentLog } from '../log.ts';
import { NatsTokenSink, NatsTokenSource } from './nats-tokens.ts';
import { tokenSuite } from './tokens.suite.ts';

let connections: NatsConnection[] = [];

tokenSuite('NATS', {
  start: async () => {
    const url = process.env['SUMMIT_TEST_NATS_URL'] ?? '';
    const executor = await connectNats(url);
    const api = await connectNats(url);
    connections = [executor, api];
    const jsm = await jetstreamManager(api);
    const stream = { name: 'SUMMIT_TOKENS', subjects: ['summit.tokens.>'], storage: StorageType.Memory };
    await jsm.streams.info(stream.name).catch(() => jsm.streams.add(stream));
    return { sink: new NatsTokenSink(executor), source: new NatsTokenSource(api, silentLog) };
  },
  stop: async () => {
    for (const connection of connections) await connection.close();
  },
});
