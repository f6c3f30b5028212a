/** Who somebody is, as a verified token says. */
export interface Identity {
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
}

/** An identity, and until when it is believed without another look, milliseconds since the epoch. */
export interface Verified extends Identity {
  readonly expires: number;
}

/** Says whose a bearer token is. */
export interface TokenVerifier {
  /** Rejects with `TOKEN_INVALID`, or with `ISSUER_UNREACHABLE` where nobody can say now. */
  verify(token: string): Promise<Verified>;
}
