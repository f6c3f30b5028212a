import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpClient, readAnswer } from './http-client.ts';

describe('readAnswer', () => {
  it('waits for the whole body, counted in bytes', () => {
    const text = Buffer.from('{"name":"Zoë"}').toString('latin1');
    const whole = `HTTP/1.1 201 Created\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    expect(readAnswer(whole.slice(0, 20))).toBeUndefined();
    expect(readAnswer(whole.slice(0, -1))).toBeUndefined();
    expect(readAnswer(whole)).toEqual({ status: 201, text: '{"name":"Zoë"}' });
  });

  it('joins chunks', () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(readAnswer(`${head}2\r\n45\r\n`)).toBeUndefined();
    expect(readAnswer(`${head}2\r\n45\r\n1\r\n6\r\n0\r\n\r\n`)).toEqual({ status: 200, text: '456' });
  });
});

describe('HttpClient', () => {
  const servers: Server[] = [];
  const clients: HttpClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')));
  });

  async function clientOf(answer: (body: string, response: ServerResponse) => void): Promise<HttpClient> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      request.on('end', () => answer(body, response));
    });
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('no port');
    const client = new HttpClient(`http://127.0.0.1:${address.port}`);
    clients.push(client);
    return client;
  }

  it('answers each of many calls at once with its own answer', async () => {
    const client = await clientOf((body, response) => response.end(body));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => client.post('/', { i, text: 'ü' })),
    );
    expect(answers).toEqual(
      Array.from({ length: 50 }, (_, i) => ({ status: 200, text: `{"i":${i},"text":"ü"}` })),
    );
  });

  it('fails the call whose connection the server closes', async () => {
    const client = await clientOf((_, response) => response.destroy());
    await expect(client.post('/', {})).rejects.toThrow(/closed|reset/);
  });
});
