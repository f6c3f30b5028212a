import { createServer, type Server } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export const AUDIENCE = 'summit-test';

/** What a token says besides who made it; times are in jose's words (`2h`, `-1s`). */
export interface TokenOf {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly user?: string;
  readonly audience?: string;
  readonly issuer?: string;
  readonly lifetime?: string;
}

interface IssuerKey {
  readonly privateKey: CryptoKey;
  /** The public half, as it is shown. */
  readonly jwk: JWK & { readonly kid: string };
}

let keys = 0;

async function newKey(): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: `key-${String(++keys)}`, alg: 'ES256' } };
}

/** An OpenID Connect issuer on loopback, as far as a service that verifies tokens sees it. */
export class TestIssuer {
  readonly #server: Server;
  #key: IssuerKey;
  /** Whether it answers. */
  up = true;
  /** How often its keys were asked for. */
  asked = 0;
  /** Whom its discovery document names; itself. */
  names: string | undefined;

  private constructor(key: IssuerKey) {
    this.#key = key;
    this.#server = createServer((request, answer) => {
      if (request.url === '/keys') this.asked++;
      const page = this.up ? this.#pages()[request.url ?? ''] : undefined;
      if (!this.up) request.socket.destroy();
      else
        answer
          .writeHead(page ? 200 : 404, { 'content-type': 'application/json' })
          .end(JSON.stringify(page ?? {}));
    });
  }

  static async start(): Promise<TestIssuer> {
    const issuer = new TestIssuer(await newKey());
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
  }

  get jwksUrl(): string {
    return `${this.url}/keys`;
  }

  /** What anybody may see. */
  get publicKey(): JWK {
    return this.#key.jwk;
  }

  sign({ claims = { tenant: 'acme' }, user = 'ann', ...over }: TokenOf = {}): Promise<string> {
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: this.#key.jwk.kid })
      .setIssuer(over.issuer ?? this.url)
      .setAudience(over.audience ?? AUDIENCE)
      .setSubject(user)
      .setIssuedAt()
      .setExpirationTime(over.lifetime ?? '1h')
      .sign(this.#key.privateKey);
  }

  /** Another key; the one before is shown no more. */
  async rotate(): Promise<void> {
    this.#key = await newKey();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pages(): Readonly<Record<string, object>> {
    return {
      '/.well-known/openid-configuration': { issuer: this.names ?? this.url, jwks_uri: this.jwksUrl },
      '/keys': { keys: [this.#key.jwk] },
    };
  }
}
