import { partitionToken } from '@summit/kernel';

const GENERATION_DIGITS = 4;

const generationToken = (generation: number): string => String(generation).padStart(GENERATION_DIGITS, '0');

/** The stream of one generation of one partition's journal; `deploy/nats/streams.yaml` makes it. */
export function journalStream(partition: number, generation = 1): string {
  return `SUMMIT_JOURNAL_${partitionToken(partition)}_${generationToken(generation)}`;
}

/** Its only subject. */
export function journalSubject(partition: number, generation = 1): string {
  return `summit.journal.${partitionToken(partition)}.${generationToken(generation)}`;
}
