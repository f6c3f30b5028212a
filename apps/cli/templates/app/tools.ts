import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTool } from '@summit/sdk';
import { z } from 'zod';

/** Where bookings are kept, a file each; in earnest this is somebody's service. */
const book = join(import.meta.dirname, 'bookings');

const booking = z.object({ bookingId: z.string(), room: z.string(), hours: z.number() });
type Booking = z.infer<typeof booking>;

export const bookRoom = defineTool({
  name: 'rooms.book',
  description: 'Books a meeting room.',
  input: z.object({ room: z.string().min(1), hours: z.number().int().positive() }),
  output: booking,
  effect: 'idempotent', // the same key is one booking, however often it is asked for; `once` where that is not so
  execute: (input, { idempotencyKey }) => bookOnce(idempotencyKey, input),
});

/** After a crash it is called again under the same key: what was booked then is the answer. */
function bookOnce(key: string, wanted: Omit<Booking, 'bookingId'>): Booking {
  mkdirSync(book, { recursive: true });
  const file = join(book, `${key}.json`);
  const made = { bookingId: `b-${key.slice(-6)}`, ...wanted };
  try {
    writeFileSync(file, JSON.stringify(made), { flag: 'wx' });
    return made;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return booking.parse(JSON.parse(readFileSync(file, 'utf8')));
    }
    throw error;
  }
}
