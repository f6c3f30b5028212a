/** The name that controllers here have for it. */
export { Callers as Authenticator } from '@summit/platform/http';
