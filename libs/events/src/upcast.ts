/** An event as it was stored, opened: its version's own shape, not checked yet. `data` is absent where it was erased. */
export type StoredEvent = Readonly<Record<string, unknown>>;

/** Makes an event of the version after its own. Pure; MUST take events without `data`; never sees digests. */
export type Upcaster = (event: StoredEvent) => StoredEvent;

/**
 * By type, the way from each version to the next: the first is from 1 to 2. A new version of an event comes with its
 * upcaster here, its number in `defineEvent`, and a fixture (`libs/events/fixtures/<Type>.<version>.json`); the fixtures
 * of older versions stay for ever.
 */
const UPCASTERS: Readonly<Record<string, readonly Upcaster[]>> = {};

/** The event in its type's newest version; what is newer than this release is left as it is, for the schema to refuse. */
export function upcast(event: StoredEvent, upcasters = UPCASTERS): StoredEvent {
  const { type, v } = event;
  const ways = typeof type === 'string' ? upcasters[type] : undefined;
  if (!ways || typeof v !== 'number') return event;
  return ways.slice(v - 1).reduce<StoredEvent>((older, way, i) => ({ ...way(older), v: v + i + 1 }), event);
}
