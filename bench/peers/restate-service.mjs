/** The service that Restate calls: `node restate-service.mjs <port>`; the parent is told when it listens. */
import * as restate from '@restatedev/restate-sdk';

const bench = restate.service({
  name: 'bench',
  handlers: {
    seq: async (ctx, steps) => {
      let sum = 0;
      for (let i = 0; i < steps; i++) sum += await ctx.run(`step${i}`, async () => i);
      return sum;
    },
  },
});

process.once('disconnect', () => process.exit(0));
await restate
  .endpoint()
  .setLogger(() => undefined)
  .bind(bench)
  .listen(Number(process.argv[2]));
process.send('listening');
