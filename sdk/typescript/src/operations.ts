// Written by `make docs` from the server's own description of its API. Change that, not this file.

/** A file, or whatever else has bytes. */
export type Bytes = Blob;

export interface Operations {
  /** An event of a connected telephony platform; the answer is what the platform is to do with the call. */
  "GET /adapters/{line}": {
    path: { "line": string };
    query: {};
    header: {};
    body: undefined;
    answer: Bytes;
  };
  /** An event of a connected telephony platform; the answer is what the platform is to do with the call. */
  "POST /adapters/{line}": {
    path: { "line": string };
    query: {};
    header: {};
    body: string;
    answer: Bytes;
  };
  /** Who changed what of the configuration, newest first. Secrets are not told. */
  "GET /genesys/1/admin/audit": {
    path: {};
    query: { "before"?: number; "limit"?: number };
    header: {};
    body: undefined;
    answer: { "entries": Array<{ "id": string; "time": string; "who": string; "what": string; "before": Record<string, string>; "after": Record<string, string> }> };
  };
  /** The call log, newest first: what was asked about, what was answered and why. */
  "GET /genesys/1/admin/calls": {
    path: {};
    query: { "number"?: string; "caller"?: string; "verdict"?: "matched" | "no-match" | "code-needed" | "ambiguous"; "after"?: number; "limit"?: number };
    header: {};
    body: undefined;
    answer: { "calls": Array<{ "id": unknown; "seconds_ago": unknown; "number": unknown; "verdict": unknown; "reason": unknown; "late": unknown; "repeated": unknown; "service": unknown } & Record<string, unknown>>; "next"?: string };
  };
  /** The events that were recorded, in their order. Ask again with the id of the last one. */
  "GET /genesys/1/admin/events": {
    path: {};
    query: { "after"?: number; "limit"?: number };
    header: {};
    body: undefined;
    answer: { "events": Array<{ "id": string; "type": string; "time": string; "_id"?: string; "service"?: string; "group"?: string; "_access_number"?: string; "seconds"?: string }> };
  };
  /** Why a call would match or not now, without releasing anything. */
  "POST /genesys/1/admin/explain": {
    path: {};
    query: {};
    header: {};
    body: { "number": string; "phone"?: string; "digits"?: string; "call_id"?: string; "service"?: string };
    answer: { "readings": Array<string>; "reservations": Array<{ "session": unknown; "state": unknown; "when": unknown; "criteria": unknown; "answered": unknown } & Record<string, unknown>>; "history": Array<{ "id": unknown; "seconds_ago": unknown; "number": unknown; "verdict": unknown; "reason": unknown; "late": unknown; "repeated": unknown; "service": unknown } & Record<string, unknown>>; "verdict": unknown; "reason": unknown };
  };
  /** Remove what is known of whoever has this number: sessions, data, calls; how much that was. */
  "POST /genesys/1/admin/forget": {
    path: {};
    query: { "dry_run"?: boolean };
    header: {};
    body: { "phone": string };
    answer: Record<string, string>;
  };
  /** The API keys, and when each was last used. Their secrets are not stored. */
  "GET /genesys/1/admin/keys": {
    path: {};
    query: {};
    header: {};
    body: undefined;
    answer: { "keys": Array<{ "id": string; "name": string; "created_at": string; "used_at"?: string; "scopes": Array<string>; "services"?: Array<string>; "groups"?: Array<string> }> };
  };
  /** Create an API key. The answer's `key` is the secret that clients send; it is shown this once. */
  "POST /genesys/1/admin/keys": {
    path: {};
    query: {};
    header: {};
    body: { "name": string; "scopes": Array<"app" | "ivr" | "admin">; "services"?: Array<string>; "groups"?: Array<string> };
    answer: { "id": string; "name": string; "created_at": string; "used_at"?: string; "scopes": Array<string>; "services"?: Array<string>; "groups"?: Array<string>; "key": unknown };
  };
  /** Revoke an API key: within a second no node accepts it. */
  "DELETE /genesys/1/admin/keys/{id}": {
    path: { "id": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "id": string } & Record<string, unknown>;
  };
  /** Whether this node wants work: `ONLINE` or `OFFLINE`. */
  "GET /genesys/1/admin/node/status": {
    path: {};
    query: {};
    header: {};
    body: undefined;
    answer: "ONLINE" | "OFFLINE";
  };
  /** All sections with their options. Secret ones are left out. */
  "GET /genesys/1/admin/options": {
    path: {};
    query: {};
    header: {};
    body: undefined;
    answer: { "version": string; "sections": Record<string, Record<string, string>> };
  };
  /** Make every section that a configuration file names as the file says. */
  "POST /genesys/1/admin/options": {
    path: {};
    query: { "dry_run"?: boolean };
    header: { "If-Match"?: string };
    body: string;
    answer: { "changes": Array<string> };
  };
  /** Remove a section. A resource group must have no numbers left. */
  "DELETE /genesys/1/admin/options/{section}": {
    path: { "section": string };
    query: {};
    header: { "If-Match"?: string };
    body: undefined;
    answer: { "section": string } & Record<string, unknown>;
  };
  /** One section's options. */
  "GET /genesys/1/admin/options/{section}": {
    path: { "section": string };
    query: {};
    header: {};
    body: undefined;
    answer: Record<string, string>;
  };
  /** Set options of a section; null removes one. */
  "PATCH /genesys/1/admin/options/{section}": {
    path: { "section": string };
    query: {};
    header: { "If-Match"?: string };
    body: Record<string, string | null>;
    answer: Record<string, string>;
  };
  /** The resource groups, each with its strategy and the state of its numbers. */
  "GET /genesys/1/admin/resources": {
    path: {};
    query: {};
    header: {};
    body: undefined;
    answer: { "groups"?: Array<{ "group": string; "strategy": string; "total": string } & Record<string, unknown>> };
  };
  /** One resource group with its numbers. */
  "GET /genesys/1/admin/resources/{group}": {
    path: { "group": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "group": unknown; "numbers": unknown } & Record<string, unknown>;
  };
  /** How a resource group fared: for each minute how many slots were free, held and cooling, what happened. */
  "GET /genesys/1/admin/resources/{group}/history": {
    path: { "group": string };
    query: { "hours"?: number };
    header: {};
    body: undefined;
    answer: { "group": string; "samples": Array<Record<string, string>> };
  };
  /** Add numbers to a resource group; one that drains is taken back. */
  "POST /genesys/1/admin/resources/{group}/numbers": {
    path: { "group": string };
    query: {};
    header: { "If-Match"?: string };
    body: { "numbers": Array<string> };
    answer: { "group": string; "strategy": string; "total": string } & Record<string, unknown>;
  };
  /** Drain a number: no new reservations; it is gone when the last has ended. */
  "DELETE /genesys/1/admin/resources/{group}/numbers/{number}": {
    path: { "group": string; "number": string };
    query: {};
    header: { "If-Match"?: string };
    body: undefined;
    answer: { "group": string; "strategy": string; "total": string } & Record<string, unknown>;
  };
  /** Live sessions, the latest begun first. A page that is not full may have a `next` all the same. */
  "GET /genesys/1/admin/sessions": {
    path: {};
    query: { "number"?: string; "phone"?: string; "service"?: string; "state"?: "held" | "matched" | "expired" | "released" | "none"; "id"?: string; "after"?: string; "limit"?: number };
    header: {};
    body: undefined;
    answer: { "sessions": Array<{ "_id": string; "service": string; "state": string; "seconds_left": string } & Record<string, unknown>>; "next"?: string };
  };
  /** All that is known of one session: its data, its events, its calls; of one that has ended what is left. */
  "GET /genesys/1/admin/sessions/{id}": {
    path: { "id": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "session"?: { "_id": string; "service": string; "state": string; "seconds_left": string } & Record<string, unknown>; "data"?: Record<string, string>; "events": Array<Record<string, string>>; "calls": Array<Record<string, string>>; "_id": unknown; "live": unknown; "complete": unknown };
  };
  /** End the session by hand: its access number is released, its data is deleted. */
  "POST /genesys/1/admin/sessions/{id}/end": {
    path: { "id": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "_id": string } & Record<string, unknown>;
  };
  /** Give the session's access number back by hand. The session stays, and may ask for another. */
  "POST /genesys/1/admin/sessions/{id}/release": {
    path: { "id": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "_id": string } & Record<string, unknown>;
  };
  /** Send a chart an event: named by the field `_scxmleventname`, else `HTTP.POST`. */
  "POST /genesys/1/chart-events/{token}/{session}": {
    path: { "token": string; "session": string };
    query: {};
    header: {};
    body: string;
    answer: Record<string, unknown>;
  };
  /** Callbacks that all parameters fit, the newest first. */
  "GET /genesys/1/service/callback": {
    path: {};
    query: { "_id"?: string; "_customer_number"?: string; "_callback_state"?: "SCHEDULED" | "QUEUED" | "ROUTING" | "PROCESSING" | "COMPLETED" };
    header: {};
    body: undefined;
    answer: Array<{ "_id": string; "_service_name": string; "_customer_number": string; "_url": string; "_desired_time": string; "_expiration_time": string; "_callback_state": "SCHEDULED" | "QUEUED" | "ROUTING" | "PROCESSING" | "COMPLETED"; "_callback_reason"?: string }>;
  };
  /** Callbacks of a service that all parameters fit, the newest first. */
  "GET /genesys/1/service/callback/{name}": {
    path: { "name": string };
    query: { "_id"?: string; "_customer_number"?: string; "_callback_state"?: "SCHEDULED" | "QUEUED" | "ROUTING" | "PROCESSING" | "COMPLETED" };
    header: {};
    body: undefined;
    answer: Array<{ "_id": string; "_service_name": string; "_customer_number": string; "_url": string; "_desired_time": string; "_expiration_time": string; "_callback_state": "SCHEDULED" | "QUEUED" | "ROUTING" | "PROCESSING" | "COMPLETED"; "_callback_reason"?: string }>;
  };
  /** Book a callback: at `_desired_time`, or at once. */
  "POST /genesys/1/service/callback/{name}": {
    path: { "name": string };
    query: {};
    header: { "Idempotency-Key"?: string };
    body: { "_customer_number"?: string; "_desired_time"?: string } & Record<string, unknown> | undefined;
    answer: { "_id": string; "_data_id": string } & Record<string, unknown>;
  };
  /** Slots that are free, and how many callbacks each still takes. */
  "GET /genesys/1/service/callback/{name}/availability": {
    path: { "name": string };
    query: { "start"?: string; "number-of-days"?: string; "end"?: string; "max-time-slots"?: string };
    header: {};
    body: undefined;
    answer: Record<string, string>;
  };
  /** Cancel a callback that is not completed. */
  "DELETE /genesys/1/service/callback/{name}/{id}": {
    path: { "name": string; "id": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "_id": string } & Record<string, unknown>;
  };
  /** Give a scheduled callback another time. */
  "PUT /genesys/1/service/callback/{name}/{id}": {
    path: { "name": string; "id": string };
    query: {};
    header: {};
    body: { "_new_desired_time": string } & Record<string, unknown>;
    answer: { "_id": string; "_desired_time": string };
  };
  /** Tell the service's options while this node is online, an error status when it is not. */
  "GET /genesys/1/service/get": {
    path: {};
    query: {};
    header: {};
    body: undefined;
    answer: Record<string, unknown>;
  };
  /** Tell the service's options while this node is online, an error status when it is not. */
  "POST /genesys/1/service/get": {
    path: {};
    query: {};
    header: {};
    body: Record<string, unknown> | undefined;
    answer: Record<string, unknown>;
  };
  /** Find the session that a call belongs to, and give its access number back. */
  "POST /genesys/1/service/match-interaction": {
    path: {};
    query: {};
    header: {};
    body: { "_access_number": string | number | boolean; "_phone_number"?: string | number | boolean | null; "_access_code"?: string | number | boolean | null; "_return_multiple_matches"?: boolean | null; "_return_user_data"?: boolean | null; "_return_data"?: boolean | null; "_delete_service"?: boolean | null; "_call_id"?: string | number | boolean | null; "_return_reason"?: boolean | null } & Record<string, unknown>;
    answer: { "_id"?: string; "_data_id"?: string; "user_data"?: Record<string, string>; "_late"?: "true"; "_reason"?: string; "matches"?: Array<Record<string, unknown>> };
  };
  /** Reserve an access number for a running session, or renew the one that it has. */
  "POST /genesys/1/service/request-access": {
    path: {};
    query: {};
    header: {};
    body: { "_id": string | number | boolean; "_phone_number"?: string | number | boolean | null; "_provide_code"?: boolean | null; "_resource_group"?: string | number | boolean | null; "_access_code_length"?: number | null; "_booking_expiration_timeout"?: number | null } & Record<string, unknown>;
    answer: { "_access_number"?: string; "_access_code"?: string; "_expiration_time"?: string; "_tel_url"?: string };
  };
  /** Begin a session for a customer who will call: store the app's user data, reserve an access number. */
  "POST /genesys/1/service/request-interaction": {
    path: {};
    query: {};
    header: { "Idempotency-Key"?: string };
    body: { "_phone_number"?: string | number | boolean | null; "_provide_code"?: boolean | null; "_resource_group"?: string | number | boolean | null; "_access_code_length"?: number | null; "_booking_expiration_timeout"?: number | null; "_ttl"?: number | null; "_return_pool_health"?: boolean | null } & Record<string, unknown> | undefined;
    answer: { "_access_number"?: string; "_access_code"?: string; "_expiration_time"?: string; "_tel_url"?: string; "_id"?: string; "_data_id"?: string; "_pool_health"?: Record<string, string> };
  };
  /** The link that dials a session's access number, as a QR code. */
  "GET /genesys/1/service/{id}/qr.svg": {
    path: { "id": string };
    query: {};
    header: {};
    body: undefined;
    answer: string;
  };
  /** A session's data; none when its record was deleted. */
  "GET /genesys/1/service/{id}/storage": {
    path: { "id": string };
    query: {};
    header: {};
    body: undefined;
    answer: Record<string, string>;
  };
  /** Set keys of a session's data. */
  "POST /genesys/1/service/{id}/storage": {
    path: { "id": string };
    query: {};
    header: {};
    body: Record<string, unknown> | undefined;
    answer: { "_id": string } & Record<string, unknown>;
  };
  /** A file of a session's data. */
  "GET /genesys/1/service/{id}/storage/binary/{key}": {
    path: { "id": string; "key": string };
    query: {};
    header: {};
    body: undefined;
    answer: Bytes;
  };
  /** Remove one key of a session's data. */
  "DELETE /genesys/1/service/{id}/storage/{key}": {
    path: { "id": string; "key": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "_id": string } & Record<string, unknown>;
  };
  /** One value of a session's data. */
  "GET /genesys/1/service/{id}/storage/{key}": {
    path: { "id": string; "key": string };
    query: {};
    header: {};
    body: undefined;
    answer: string;
  };
  /** Ask a running session: `update` its data, `renew` its reservation, or what its chart takes. */
  "GET /genesys/1/service/{id}/{request}": {
    path: { "id": string; "request": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "_id": string } & Record<string, unknown>;
  };
  /** Ask a running session: `update` its data, `renew` its reservation, or what its chart takes. */
  "POST /genesys/1/service/{id}/{request}": {
    path: { "id": string; "request": string };
    query: {};
    header: {};
    body: Record<string, unknown> | undefined;
    answer: { "_id": string } & Record<string, unknown>;
  };
  /** End a session: its number is released, its data is deleted. */
  "DELETE /genesys/1/service/{name}": {
    path: { "name": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "_id": string } & Record<string, unknown>;
  };
  /** A running session. (A service that answers GET is asked.) */
  "GET /genesys/1/service/{name}": {
    path: { "name": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "_id": string; "_service": string; "_data_id": string; "_state": string; "_ttl_left": string } & Record<string, unknown>;
  };
  /** Ask a configured service. */
  "POST /genesys/1/service/{name}": {
    path: { "name": string };
    query: {};
    header: { "Idempotency-Key"?: string };
    body: Record<string, unknown> | undefined;
    answer: Record<string, unknown>;
  };
  /** A file of stored data. */
  "GET /genesys/1/storage/binary/{id}/{key}": {
    path: { "id": string; "key": string };
    query: {};
    header: { "gms_user"?: string };
    body: undefined;
    answer: Bytes;
  };
  /** Delete data under the client's own id. */
  "DELETE /genesys/1/storage/custom/{customId}": {
    path: { "customId": string };
    query: {};
    header: { "gms_user": string };
    body: undefined;
    answer: { "id": string } & Record<string, unknown>;
  };
  /** Data under the client's own id. */
  "GET /genesys/1/storage/custom/{customId}": {
    path: { "customId": string };
    query: {};
    header: { "gms_user": string };
    body: undefined;
    answer: Record<string, string>;
  };
  /** Store data under the client's own id. */
  "POST /genesys/1/storage/custom/{customId}/{ttl}": {
    path: { "customId": string; "ttl": string };
    query: {};
    header: { "gms_user": string };
    body: Record<string, unknown> | undefined;
    answer: { "id": string } & Record<string, unknown>;
  };
  /** Delete stored data. */
  "DELETE /genesys/1/storage/{id}": {
    path: { "id": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "id": string } & Record<string, unknown>;
  };
  /** Stored data. */
  "GET /genesys/1/storage/{id}": {
    path: { "id": string };
    query: {};
    header: {};
    body: undefined;
    answer: Record<string, string>;
  };
  /** Store data. The last part of the address is the TTL in seconds. */
  "POST /genesys/1/storage/{id}": {
    path: { "id": string };
    query: {};
    header: {};
    body: Record<string, unknown> | undefined;
    answer: { "id": string } & Record<string, unknown>;
  };
  /** One value of stored data. */
  "GET /genesys/1/storage/{id}/{key}": {
    path: { "id": string; "key": string };
    query: {};
    header: { "gms_user"?: string };
    body: undefined;
    answer: string;
  };
  /** Set keys of stored data. The last part of the address is the TTL in seconds, which starts again. */
  "POST /genesys/1/storage/{id}/{key}": {
    path: { "id": string; "key": string };
    query: {};
    header: {};
    body: Record<string, unknown> | undefined;
    answer: { "id": string } & Record<string, unknown>;
  };
  /** The process answers. */
  "GET /healthz": {
    path: {};
    query: {};
    header: {};
    body: undefined;
    answer: string;
  };
  /** Metrics in Prometheus' text format. */
  "GET /metrics": {
    path: {};
    query: {};
    header: {};
    body: undefined;
    answer: string;
  };
  /** The API for programs: OpenAPI 3.1. */
  "GET /openapi.json": {
    path: {};
    query: {};
    header: {};
    body: undefined;
    answer: Record<string, unknown>;
  };
  /** This node wants work, its time is right, and its store has just made a step durable. */
  "GET /readyz": {
    path: {};
    query: {};
    header: {};
    body: undefined;
    answer: string;
  };
  /** Begin a chart of the document `src`, with all other fields; its id, and what it responds in time. */
  "POST /scxml/session/start": {
    path: {};
    query: {};
    header: { "Idempotency-Key"?: string };
    body: Record<string, unknown> | undefined;
    answer: { "sessionid": string } & Record<string, unknown>;
  };
  /** Send a chart an event. */
  "POST /scxml/session/{session}/event/{event}": {
    path: { "session": string; "event": string };
    query: {};
    header: { "Idempotency-Key"?: string };
    body: Record<string, unknown> | undefined;
    answer: Record<string, unknown>;
  };
  /** How a chart fares. */
  "GET /scxml/session/{session}/query": {
    path: { "session": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "sessionid": string } & Record<string, unknown>;
  };
  /** Send a chart a request; what it responds. */
  "POST /scxml/session/{session}/request/{request}": {
    path: { "session": string; "request": string };
    query: {};
    header: { "Idempotency-Key"?: string };
    body: Record<string, unknown> | undefined;
    answer: Record<string, unknown>;
  };
  /** End a session and its chart. */
  "POST /scxml/session/{session}/terminate": {
    path: { "session": string };
    query: {};
    header: {};
    body: undefined;
    answer: { "sessionid": string } & Record<string, unknown>;
  };
}

/** Those that answer bytes. */
export const FILES: ReadonlySet<string> = new Set([
  "GET /adapters/{line}",
  "POST /adapters/{line}",
  "GET /genesys/1/service/{id}/storage/binary/{key}",
  "GET /genesys/1/storage/binary/{id}/{key}",
]);

/** Whatever an error answer may be named. */
export type ErrorName =
  | "AmbiguousMatch"
  | "BadParameter"
  | "CallbackExceptionAvailability"
  | "ChartBusy"
  | "ChartEnded"
  | "ChartRefusal"
  | "CodeNeeded"
  | "ConfigurationChanged"
  | "IdempotencyConflict"
  | "InternalError"
  | "InvalidConfiguration"
  | "MalformedBody"
  | "NoMatch"
  | "NoOrchestration"
  | "NodeOffline"
  | "NotAllowed"
  | "NotAuthenticated"
  | "NotGenuine"
  | "NotOpenToNetwork"
  | "NotReserved"
  | "NumbersExhausted"
  | "QuotaReached"
  | "StoreUnavailable"
  | "TooLarge"
  | "TooManyRequests"
  | "UnknownApiKey"
  | "UnknownCallback"
  | "UnknownKey"
  | "UnknownOption"
  | "UnknownRecord"
  | "UnknownRequest"
  | "UnknownResourceGroup"
  | "UnknownRoute"
  | "UnknownService"
  | "UnknownSession"
  | "UnsupportedMediaType"
  | "UnusableDocument"
  | "WrongCallbackState"
  | "WrongPort";
