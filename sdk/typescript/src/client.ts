import { MatchlineError, Refused, Unreachable } from "./errors.js";
import { FILES, type Operations } from "./operations.js";
import { entries } from "./stream.js";

const SECOND = 1000;
const ATTEMPTS = 4;
const FIRST_PAUSE_SECONDS = 0.2;
const LONGEST_PAUSE_SECONDS = 10; // whoever is told to wait for longer is told so instead
const RECONNECT_SECONDS = 0.5; // after a stream that the server ended

const RESERVE = "POST /genesys/1/service/request-interaction";
const REQUEST_ACCESS = "POST /genesys/1/service/request-access";
const MATCH = "POST /genesys/1/service/match-interaction";
const SESSION = "GET /genesys/1/service/{name}";
const END = "DELETE /genesys/1/service/{name}";
const BOOK = "POST /genesys/1/service/callback/{name}";
const RESCHEDULE = "PUT /genesys/1/service/callback/{name}/{id}";
const CANCEL = "DELETE /genesys/1/service/callback/{name}/{id}";
const CALLBACKS = "GET /genesys/1/service/callback";
const FREE_SLOTS = "GET /genesys/1/service/callback/{name}/availability";
const START = "POST /genesys/1/service/{name}";
const OF_SESSION = "POST /genesys/1/service/{id}/{request}";

export interface ClientOptions {
  /** An API key. */
  readonly key?: string;
  readonly username?: string;
  readonly password?: string;
  /** How often a request is tried, at the most. */
  readonly attempts?: number;
}

/** The names of those parts of an operation's parameters that are not empty. */
type PartsOf<Operation> = {
  [Part in keyof Operation]: [NonNullable<Operation[Part]>] extends [never]
    ? never
    : keyof NonNullable<Operation[Part]> extends never
      ? never
      : Part;
}[keyof Operation];

/** What an operation may be asked with; a part of the address is always needed. */
export type Asked<Name extends keyof Operations> = {
  readonly [Part in Extract<PartsOf<Operations[Name]>, "query" | "header" | "body">]?: Operations[Name][Part];
} & {
  readonly [Part in Extract<PartsOf<Operations[Name]>, "path">]: Operations[Name][Part];
} & { readonly signal?: AbortSignal };

/** Operations that need something besides their name. */
type Needing = { [Name in keyof Operations]: "path" extends PartsOf<Operations[Name]> ? Name : never }[keyof Operations];

export type Told<Name extends keyof Operations> = Operations[Name]["answer"];

/** User data may hold files; they are sent as they are. */
type Data = Readonly<Record<string, unknown>>;

export interface SessionEvent {
  readonly type: "reserved" | "renewed" | "matched" | "expired" | "ended";
  readonly _id: string;
  readonly _access_number?: string;
  readonly _access_code?: string;
  readonly _expiration_time?: string;
  readonly _tel_url?: string;
}

/** The same for every operation, whatever its types are. */
interface Parts {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export class Client {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #attempts: number;

  /** `url`: where the server is, without `/genesys/1`. */
  constructor(url: string, options: ClientOptions = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#headers = authorization(options);
    this.#attempts = options.attempts ?? ATTEMPTS;
  }

  /** Any operation of the API, by the name that its description has. */
  async ask<Name extends keyof Operations>(
    name: Name,
    ...[asked]: Name extends Needing ? [Asked<Name>] : [Asked<Name>?]
  ): Promise<Told<Name>> {
    const parts: Parts = asked ?? {};
    const answer = await this.#sent(name, parts, mayBeAskedAgain(name, parts));
    if (FILES.has(name)) return (await answer.blob()) as Told<Name>;
    const isJson = answer.headers.get("content-type") === "application/json";
    return (isJson ? await answer.json() : await answer.text()) as Told<Name>;
  }

  /** Begin a session for a customer who will call. Sent again, it takes no second number. */
  reserve(data: Data = {}, service?: string): Promise<Told<typeof RESERVE>> {
    return this.#askService(RESERVE, service, { body: data, header: once() });
  }

  /** A number for a session that runs already. */
  requestAccess(id: string, data: Data = {}, service?: string): Promise<Told<typeof REQUEST_ACCESS>> {
    return this.#askService(REQUEST_ACCESS, service, { body: { ...data, _id: id } });
  }

  /** Whose call this is. With a `_call_id` it may be asked again, and gets the same answer. */
  match(call: Data, service?: string): Promise<Told<typeof MATCH>> {
    return this.#askService(MATCH, service, { body: call });
  }

  /** Begin a session of a service that is a chart; the answer holds what the chart responds. */
  start(service: string, data: Data = {}): Promise<Told<typeof START>> {
    return this.ask(START, { path: { name: service }, header: once(), body: data });
  }

  /** A request that the chart of a session knows. It is not sent again when its answer is lost. */
  request(id: string, request: string, data: Data = {}): Promise<Told<typeof OF_SESSION>> {
    return this.ask(OF_SESSION, { path: { id, request }, body: data });
  }

  /** Book a callback: at a time, else at once. Sent again, it books no second one. */
  book(service: string, customerNumber: string, at?: Date, data: Data = {}): Promise<Told<typeof BOOK>> {
    const time = at && { _desired_time: moment(at) };
    const body = { ...data, ...time, _customer_number: customerNumber };
    return this.ask(BOOK, { path: { name: service }, header: once(), body });
  }

  reschedule(service: string, id: string, at: Date): Promise<Told<typeof RESCHEDULE>> {
    return this.ask(RESCHEDULE, { path: { name: service, id }, body: { _new_desired_time: moment(at) } });
  }

  cancel(service: string, id: string): Promise<Told<typeof CANCEL>> {
    return this.ask(CANCEL, { path: { name: service, id } });
  }

  /** Those that fit all that is given, the newest first. */
  callbacks(wanted: Operations[typeof CALLBACKS]["query"] = {}): Promise<Told<typeof CALLBACKS>> {
    return this.ask(CALLBACKS, { query: wanted });
  }

  /** When callbacks can be booked, from now for a day unless it is said, and how many each slot still takes. */
  freeSlots(service: string, period: Operations[typeof FREE_SLOTS]["query"] = {}): Promise<Told<typeof FREE_SLOTS>> {
    return this.ask(FREE_SLOTS, { path: { name: service }, query: period });
  }

  session(id: string): Promise<Told<typeof SESSION>> {
    return this.ask(SESSION, { path: { name: id } });
  }

  /** The number is released, the data are deleted. */
  end(id: string): Promise<Told<typeof END>> {
    return this.ask(END, { path: { name: id } });
  }

  /** Reservation and time to live begin again. */
  renew(id: string): Promise<Told<typeof OF_SESSION>> {
    return this.ask(OF_SESSION, { path: { id, request: "renew" }, body: {} });
  }

  update(id: string, data: Data): Promise<Told<typeof OF_SESSION>> {
    return this.ask(OF_SESSION, { path: { id, request: "update" }, body: data });
  }

  /** What happens to a session, first how it fares now, until it ends. */
  async *follow(id: string, signal?: AbortSignal): AsyncGenerator<SessionEvent> {
    let known = "";
    for (;;) {
      const header = { accept: "text/event-stream", ...(known && { "last-event-id": known }) };
      const parts = { path: { id }, header, ...(signal && { signal }) };
      try {
        const answer = await this.#sent("GET /genesys/1/service/{id}/events", parts, true);
        for await (const entry of entries(answer.body!)) {
          known = entry.id;
          yield { ...JSON.parse(entry.data), type: entry.type } as SessionEvent;
          if (entry.type === "ended") return;
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (error instanceof Refused && error.exception === "UnknownSession" && known) return;
        if (error instanceof MatchlineError) throw error;
      }
      await pause(RECONNECT_SECONDS);
    }
  }

  /** A service may be configured under another name than its built-in's. */
  async #askService<Name extends typeof RESERVE | typeof REQUEST_ACCESS | typeof MATCH>(
    name: Name,
    service: string | undefined,
    parts: Parts,
  ): Promise<Told<Name>> {
    const path = service ? `POST /genesys/1/service/${encodeURIComponent(service)}` : name;
    const answer = await this.#sent(path, parts, mayBeAskedAgain(name, parts));
    return (await answer.json()) as Told<Name>;
  }

  async #sent(name: string, parts: Parts, again: boolean): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#sentOnce(name, parts);
      } catch (error) {
        const seconds = pauseBefore(attempt, error, again);
        if (parts.signal?.aborted || attempt >= this.#attempts || seconds === undefined) throw error;
        await pause(seconds);
      }
    }
  }

  async #sentOnce(name: string, { path = {}, query = {}, header = {}, body, signal }: Parts): Promise<Response> {
    const [method = "", template = ""] = name.split(" ");
    const url = new URL(this.#url + filled(template, path));
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const [sent, kind] = encoded(body);
    const headers = { ...this.#headers, ...kind, ...header };
    let answer: Response;
    try {
      answer = await fetch(url, { method, headers, cache: "no-store", ...(sent && { body: sent }), ...(signal && { signal }) });
    } catch (cause) {
      throw new Unreachable("the server did not answer", { cause });
    }
    if (answer.ok) return answer;
    throw await Refused.of(answer);
  }
}

function authorization({ key, username, password }: ClientOptions): Record<string, string> {
  if (key && password) throw new TypeError("a key or a password, not both");
  if (key) return { authorization: `Bearer ${key}` };
  if (!password) return {};
  const bytes = new TextEncoder().encode(`${username ?? ""}:${password}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

/** A key of stored data may hold slashes, no other part of an address. */
function filled(template: string, path: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = encodeURIComponent(path[name] ?? "");
    return name === "key" ? text.replaceAll("%2F", "/") : text;
  });
}

/** Forms where there are files, JSON where there are none, and texts as they are. */
function encoded(body: unknown): [BodyInit | undefined, Record<string, string>] {
  if (body === undefined) return [undefined, {}];
  if (typeof body === "string") return [body, { "content-type": "application/toml" }];
  const members = Object.entries(body as Data);
  if (!members.some(([, value]) => value instanceof Blob)) {
    return [JSON.stringify(body), { "content-type": "application/json" }];
  }
  const form = new FormData();
  for (const [name, value] of members) form.append(name, value instanceof Blob ? value : String(value));
  return [form, {}];
}

/** Whether it does no harm to ask twice when the answer is lost. */
function mayBeAskedAgain(name: string, { path = {}, header = {}, body }: Parts): boolean {
  if (!name.startsWith("POST ") || name === REQUEST_ACCESS) return true;
  if (name === OF_SESSION) return ["renew", "update"].includes(path["request"] ?? ""); // others are a chart's
  return "Idempotency-Key" in header || (name === MATCH && "_call_id" in (body as Data));
}

/** Seconds; undefined where trying again is of no use. */
function pauseBefore(attempt: number, error: unknown, again: boolean): number | undefined {
  const usual = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1);
  if (error instanceof Unreachable) return again ? usual : undefined;
  if (!(error instanceof Refused) || ["NumbersExhausted", "QuotaReached"].includes(error.exception)) return undefined;
  if (error.status !== 429 && !(again && [502, 503, 504].includes(error.status))) return undefined;
  const seconds = error.retryAfter ?? usual;
  return seconds <= LONGEST_PAUSE_SECONDS ? seconds : undefined;
}

/** The header by which a request that is sent twice is one. */
function once(): { readonly "Idempotency-Key": string } {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { "Idempotency-Key": Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

/** As the server reads it, to the second. */
function moment(time: Date): string {
  return `${time.toISOString().slice(0, "yyyy-mm-ddThh:mm:ss".length)}Z`;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * SECOND));
}
