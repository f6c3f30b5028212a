export { type ConnectNats, connectNats } from './connect-nats.ts';
export { assertDurableServer, type DurabilityOptions, type ServerDurability } from './durability.ts';
export { journalStream, journalSubject } from './names.ts';
export { type NatsJournalOptions, NatsJournalStore } from './nats-journal-store.ts';
export { natsObjectStore } from './nats-object-store.ts';
export { natsLeadership } from './nats-leadership.ts';
