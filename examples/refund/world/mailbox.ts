/**
 * The mail server of the example's customers: takes mail by SMTP and keeps it in a table. It knows no idempotency keys,
 * so the tool that sends to it has the effect `once`.
 */
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { database, makeTables } from './database.ts';
import { onStop, port, sayReady } from './ready.ts';

const pool = database();
await makeTables(pool);

async function keep(recipients: readonly string[], mail: string): Promise<void> {
  const end = mail.indexOf('\r\n\r\n');
  const subject = /^subject: (.*)$/im.exec(mail.slice(0, end))?.[1]?.trim() ?? '';
  await pool.query('INSERT INTO mails (recipient, subject, body) VALUES ($1, $2, $3)', [
    recipients.join(', '),
    subject,
    mail.slice(end + 4),
  ]);
}

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  logger: false,
  onData(stream, session, done) {
    text(stream)
      .then((mail) =>
        keep(
          session.envelope.rcptTo.map(({ address }) => address),
          mail,
        ),
      )
      .then(
        () => {
          done();
        },
        (error: unknown) => {
          done(error instanceof Error ? error : new Error('not kept'));
        },
      );
  },
});
server.on('error', () => undefined); // a connection that broke; the client tells its own side
const listening = server.listen(port, '127.0.0.1', () => {
  const address = listening.address();
  const at = typeof address === 'object' && address ? address.port : port;
  sayReady('mailbox', `smtp://127.0.0.1:${String(at)}`);
});
onStop(async () => {
  await new Promise<void>((resolve) => {
    server.close(resolve);
  });
  await pool.end();
});
