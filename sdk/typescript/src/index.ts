export { Client, type Asked, type ClientOptions, type SessionEvent, type Told } from "./client.js";
export { MatchlineError, Refused, Unreachable } from "./errors.js";
export type { Bytes, ErrorName, Operations } from "./operations.js";
