/** Nest's name for the way to the leaders, a `CommandGateway`. */
export const GATEWAY = Symbol('GATEWAY');
