import { RetryableError } from '@summit/kernel';
import { waitFor } from '@summit/servers';
import { z } from 'zod';

const booksSchema = z.object({
  refunds: z.array(z.object({ refundId: z.string(), orderId: z.string(), amountCents: z.number() })),
  /** Each request for a refund: when it came (milliseconds), and of which process. */
  calls: z.array(z.object({ at: z.number(), caller: z.int() })),
  mails: z.array(z.object({ recipient: z.string(), subject: z.string(), body: z.string() })),
});

/** What really happened in the example's shop, by its own tables. */
export type Books = z.infer<typeof booksSchema>;

/** The example's shop, as an outsider sees it. */
export class Shop {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async books(): Promise<Books> {
    return booksSchema.parse(await (await fetch(`${this.#url}/books`)).json());
  }

  /** The call of that number, from 1, as soon as it has come. Throws `DEMO_STUCK`. */
  async call(number: number, deadlineMs: number): Promise<Books['calls'][number]> {
    const look = async (): Promise<Books['calls'][number] | undefined> =>
      (await this.books()).calls[number - 1];
    const call = await waitFor(look, { deadlineMs, everyMs: 20 });
    if (call) return call;
    throw stuck(`the shop has heard fewer than ${String(number)} calls for a refund`);
  }
}

/** Something that the demo waits for does not come about. */
export const stuck = (what: string): RetryableError =>
  new RetryableError(
    'DEMO_STUCK',
    what,
    'Run it again with --keep, then look at summit status and the logs.',
  );
