import { journalStoreSuite } from './journal-store.suite.ts';
import { MemoryJournal, MemoryJournalStore } from './memory-journal-store.ts';

journalStoreSuite('the in-memory twin', {
  fresh: () => {
    const journal = new MemoryJournal();
    return Promise.resolve({ one: new MemoryJournalStore(journal), other: new MemoryJournalStore(journal) });
  },
});
