// <call-me>: gives a customer a number to call, and says when the call has arrived.
//
// ES modules without dependencies. It asks a Matchline server for a number (call-me-asking.js), shows it with its code, a
// link and a QR code (call-me-panel.js), keeps it reserved while the page is looked at, and follows the session's events.

import { isPassing, now, pause, request, serverSentEvents, token } from "./call-me-asking.js";
import { Panel, TEXTS } from "./call-me-panel.js";

const LEAST_RENEWAL_SECONDS = 1; // between heartbeats, however short the reservation is
const RENEWALS = 20; // of one number, unless the attribute says otherwise: a forgotten page must give it back
const LOOK_SECONDS = 3; // between looks where there is no stream
const LONGEST_PAUSE_SECONDS = 30; // between attempts to reach the server

const SECOND = 1000;

export class CallMe extends HTMLElement {
  static observedAttributes = ["texts"];

  #panel = new Panel(() => this.start());
  #state = "idle";
  #data;
  #texts;
  #access = null;
  #deadline = 0;
  #renewals = 0;
  #renewAt = Infinity;
  #isAsking = false;
  #life = new AbortController();
  #ticking;

  constructor() {
    super();
    this.#panel.attach(this.attachShadow({ mode: "open" }));
  }

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#tick);
    if (this.#state !== "idle" || this.hasAttribute("on-demand")) this.#show();
    else this.start();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#tick);
    this.#leave("idle");
  }

  attributeChangedCallback() {
    this.#show();
  }

  /** Where Matchline is: by default where this module was loaded from. */
  get server() {
    return this.getAttribute("server") ?? new URL("..", import.meta.url).href;
  }

  /** The service that is asked for a number. */
  get service() {
    return this.getAttribute("service") ?? "request-interaction";
  }

  /** What the agent shall see, and parameters of the service: names and texts. */
  get data() {
    return this.#data ?? JSON.parse(this.getAttribute("data") ?? "{}");
  }

  set data(data) {
    this.#data = data;
  }

  /** Texts in another language; those that are missing stay English. */
  get texts() {
    return { ...TEXTS, ...(this.#texts ?? JSON.parse(this.getAttribute("texts") ?? "{}")) };
  }

  set texts(texts) {
    this.#texts = texts;
    this.#show();
  }

  get state() {
    return this.#state;
  }

  /** The session's id, while there is one. */
  get session() {
    return this.#access?.id ?? null;
  }

  /** Ask for a number, also for a new one. */
  async start() {
    const signal = this.#leave("asking");
    try {
      const answer = await this.#reserve(signal);
      if (signal.aborted) return;
      this.#take(answer);
      this.#ticking = setInterval(this.#tick, SECOND);
      this.#tell("reserved");
      this.#follow(signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** Give the number back and forget the session's data. */
  async end() {
    const id = this.session;
    this.#leave("idle");
    if (id) await this.#ask("DELETE", id);
  }

  // What is asked

  #ask(method, path, body, headers = {}, signal = undefined) {
    const key = this.getAttribute("key");
    const credentials = key ? { authorization: `Bearer ${key}` } : {};
    return request(this.server, path, { method, body, headers: { ...credentials, ...headers }, signal });
  }

  /** Until the server says yes or no. Asked again it is the same request, so that no second number is taken. */
  async #reserve(signal) {
    const headers = { "idempotency-key": token() };
    for (let seconds = 1; ; seconds = Math.min(2 * seconds, LONGEST_PAUSE_SECONDS)) {
      try {
        const answer = await this.#ask("POST", encodeURIComponent(this.service), this.data, headers, signal);
        return await answer.json();
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error;
        this.#enter("unreachable");
        this.#tell("error", { error });
        await pause(Math.max(error.retryAfter ?? 0, seconds), signal);
      }
    }
  }

  async #renew() {
    const { signal } = this.#life;
    try {
      const told = await (await this.#ask("POST", `${this.session}/renew`, {}, {}, signal)).json();
      if (signal.aborted) return;
      this.#renewals += 1;
      this.#take(told);
    } catch (error) {
      if (signal.aborted) return;
      this.#renewAt = now() + LEAST_RENEWAL_SECONDS;
      if (!isPassing(error)) await this.#look().catch(() => {});
    }
  }

  /** How the session fares, where no stream says it. */
  async #look() {
    const { signal } = this.#life;
    try {
      const told = await (await this.#ask("GET", this.session, undefined, {}, signal)).json();
      if (signal.aborted) return;
      if (told._state === "matched") this.#arrive();
      else if (told._access_number) this.#take(told);
      else this.#expire();
    } catch (error) {
      if (signal.aborted || error.status !== 404) throw error;
      this.#lose();
    }
  }

  async #drawQr(signal) {
    let drawing = null;
    try {
      const answer = await this.#ask("GET", `${this.session}/qr.svg`, undefined, {}, signal);
      drawing = await answer.text();
    } catch {
      // the number and its link say the same
    }
    if (!signal.aborted) this.#panel.drawQr(drawing);
  }

  // What is heard

  async #follow(signal) {
    let known = null;
    let hasStream = true;
    while (!signal.aborted) {
      try {
        if (hasStream) {
          for await (const event of this.#stream(known, signal)) {
            known = event.id;
            this.#hear(event);
          }
        }
      } catch (error) {
        hasStream = error.name !== "TimeoutError" && error.status !== 405;
      }
      await pause(LOOK_SECONDS, signal);
      if (!signal.aborted) await this.#look().catch(() => {});
    }
  }

  async *#stream(known, signal) {
    const headers = { accept: "text/event-stream", ...(known && { "last-event-id": known }) };
    const answer = await this.#ask("GET", `${this.session}/events`, undefined, headers, signal);
    yield* serverSentEvents(answer.body);
  }

  #hear({ type, data }) {
    if (type === "matched") this.#arrive();
    else if (type === "reserved" || type === "renewed") this.#take(JSON.parse(data));
    else if (type === "expired") this.#expire();
    else if (type === "ended") this.#lose();
  }

  /** Access information, as it was given or renewed. */
  #take(answer) {
    if (this.#state === "arrived") return;
    const before = this.#access;
    const seconds = Number(answer._expiration_time);
    const told = { number: answer._access_number, code: answer._access_code ?? null };
    const isNew = told.number !== before?.number || told.code !== before?.code;
    this.#access = {
      ...told,
      id: answer._id,
      telUrl: answer._tel_url ?? (isNew ? null : before.telUrl),
      secondsLeft: seconds,
    };
    const deadline = now() + seconds;
    const isLonger = deadline > this.#deadline + 1; // a look tells the same end a little differently
    if (isNew || isLonger) this.#renewAt = now() + Math.max(LEAST_RENEWAL_SECONDS, seconds / 3);
    this.#deadline = deadline;
    this.#enter("waiting");
    if (isNew) this.#drawQr(this.#life.signal);
  }

  #arrive() {
    if (this.#state === "arrived") return;
    this.#stop();
    this.#enter("arrived");
    this.#tell("matched");
  }

  #expire() {
    if (this.#state !== "waiting") return;
    this.#enter("expired");
    this.#tell("expired");
  }

  /** The session is over: nothing more can come of it. */
  #lose() {
    this.#stop();
    this.#expire();
  }

  #fail(error) {
    this.#enter(error.exception === "NumbersExhausted" ? "exhausted" : "failed");
    this.#tell("error", { error });
  }

  // The passing of time

  #tick = async () => {
    if (this.#state !== "waiting") return;
    this.#panel.showCountdown(this.#left, this.texts);
    if (this.#isAsking) return;
    this.#isAsking = true;
    if (now() >= this.#deadline) await this.#look().catch(() => this.#expire());
    else if (now() >= this.#renewAt && this.#mayRenew) await this.#renew();
    this.#isAsking = false;
  };

  get #mayRenew() {
    const most = Number(this.getAttribute("renewals") ?? RENEWALS);
    return document.visibilityState === "visible" && this.#renewals < most;
  }

  #stop() {
    clearInterval(this.#ticking);
    this.#life.abort();
  }

  /** Stop what is under way and forget the session; what begins now goes on until the signal that is returned. */
  #leave(state) {
    this.#stop();
    this.#life = new AbortController();
    this.#access = null;
    this.#renewals = 0;
    this.#enter(state);
    return this.#life.signal;
  }

  // What is shown

  #enter(state) {
    this.#state = state;
    this.#show();
  }

  #tell(type, more = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail: { ...this.#access, ...more } }));
  }

  #show() {
    this.#panel.show(this.#state, this.texts, this.#access, this.#left);
  }

  get #left() {
    return Math.max(0, Math.ceil(this.#deadline - now()));
  }
}

if (!customElements.get("call-me")) customElements.define("call-me", CallMe);
