// <call-me>: gives a customer a number to call, and says when the call has arrived.
//
// One ES module without dependencies. It asks a Matchline server for a number, shows it with its code, a link and a QR
// code, keeps it reserved while the page is looked at, and follows the session's events. Texts are set as text and
// styles as constructed style sheets, so that a strict content security policy has nothing to refuse.

const BASE_PATH = "genesys/1";

const LEAST_RENEWAL_SECONDS = 1; // between heartbeats, however short the reservation is
const RENEWALS = 20; // of one number, unless the attribute says otherwise: a forgotten page must give it back
const FIRST_WORD_SECONDS = 5; // a stream that is silent for longer is held back by a proxy
const SILENCE_SECONDS = 20; // the server says something every 15
const LOOK_SECONDS = 3; // between looks where there is no stream
const LONGEST_PAUSE_SECONDS = 30; // between attempts to reach the server

const SECOND = 1000;

const TEXTS = {
  start: "Get a number to call",
  asking: "Getting a number for you…",
  waiting: "Call this number now.",
  code: "Your code",
  scan: "Scan to call {number}",
  dial: "Call {number}",
  left: "Reserved for you: {time}",
  arrived: "Your call has arrived.",
  expired: "This number is no longer reserved for you.",
  again: "Get a new number",
  exhausted: "All our numbers are taken at the moment.",
  unreachable: "We cannot be reached at the moment. Trying again…",
  failed: "Something went wrong. Please try again later.",
  retry: "Try again",
};

const BUTTONS = { idle: "start", expired: "again", exhausted: "retry", failed: "retry" };

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
  :host { display: block; font: var(--call-me-font, inherit); }
  :host([hidden]), [hidden] { display: none !important; }
  [part="panel"] {
    color: var(--call-me-color, #1f1f1f); background: var(--call-me-background, #fff);
    border: var(--call-me-border, 1px solid #c7c7c7); border-radius: var(--call-me-radius, 0.75rem);
    padding: var(--call-me-padding, 1rem); text-align: center;
  }
  [part="panel"] > *, [part="access"] > * { margin: 0.5rem 0; }
  [part="number"] {
    color: var(--call-me-accent, #0b57d0); font-size: var(--call-me-number-size, 1.75em); font-weight: 600;
    display: block; overflow-wrap: anywhere;
  }
  [part="code"] { font-size: 1.5em; font-weight: 600; letter-spacing: 0.2em; font-variant-numeric: tabular-nums; }
  [part="countdown"] { font-variant-numeric: tabular-nums; }
  [part="qr"] svg { inline-size: var(--call-me-qr-size, 9rem); block-size: auto; }
  [part="button"] {
    color: var(--call-me-button-color, #fff); background: var(--call-me-accent, #0b57d0);
    border: 0; border-radius: var(--call-me-radius, 0.75rem); padding: 0.6em 1.2em; font: inherit; cursor: pointer;
  }
  a:focus-visible, button:focus-visible { outline: 3px solid currentcolor; outline-offset: 3px; }
`);

class Refusal extends Error {
  constructor(status, exception, message, retryAfter) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.exception = exception;
    this.retryAfter = retryAfter;
  }

  get isPassing() {
    return this.status === 429 || (this.status >= 500 && this.exception !== "NumbersExhausted");
  }
}

export class CallMe extends HTMLElement {
  static observedAttributes = ["texts"];

  #parts = build();
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
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [SHEET];
    root.append(this.#parts.panel);
    this.#parts.button.addEventListener("click", () => this.start());
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

  async #ask(method, path, body, headers = {}, signal = undefined) {
    const response = await fetch(this.#url(path), {
      method,
      headers: { ...this.#credentials(), ...(body && { "content-type": "application/json" }), ...headers },
      body: body && JSON.stringify(body),
      cache: "no-store",
      signal,
    });
    if (response.ok) return response;
    const told = await response.json().catch(() => ({}));
    const retryAfter = Number(response.headers.get("retry-after")) || 0;
    throw new Refusal(response.status, told.exception ?? "", told.message ?? response.statusText, retryAfter);
  }

  #url(path) {
    const server = this.server.endsWith("/") ? this.server : `${this.server}/`;
    return new URL(`${BASE_PATH}/service/${path}`, new URL(server, document.baseURI));
  }

  #credentials() {
    const key = this.getAttribute("key");
    return key ? { authorization: `Bearer ${key}` } : {};
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
    const { qr } = this.#parts;
    try {
      const answer = await this.#ask("GET", `${this.session}/qr.svg`, undefined, {}, signal);
      const drawing = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
      if (!signal.aborted) qr.replaceChildren(document.importNode(drawing, true));
    } catch {
      qr.replaceChildren(); // the number and its link say the same
    }
    qr.hidden = !qr.firstElementChild;
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
    this.#showCountdown();
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
    const { status, access, button } = this.#parts;
    const { texts } = this;
    this.#parts.panel.dataset.state = this.#state;
    setText(status, this.#state === "idle" ? "" : texts[this.#state]);
    access.hidden = this.#state !== "waiting";
    if (!access.hidden) this.#showAccess(texts);
    button.hidden = !(this.#state in BUTTONS);
    setText(button, button.hidden ? "" : texts[BUTTONS[this.#state]]);
  }

  #showAccess(texts) {
    const { number, codeLine, codeLabel, code, qr } = this.#parts;
    const { number: text, code: digits, telUrl } = this.#access;
    setText(number, text);
    if (telUrl?.startsWith("tel:")) number.href = telUrl;
    else number.removeAttribute("href");
    number.setAttribute("aria-label", texts.dial.replaceAll("{number}", () => text));
    qr.setAttribute("aria-label", texts.scan.replaceAll("{number}", () => text));
    codeLine.hidden = !digits;
    setText(codeLabel, texts.code);
    setText(code, digits ?? "");
    code.setAttribute("aria-label", [...(digits ?? "")].join(" ")); // read out digit by digit
    this.#showCountdown();
  }

  #showCountdown() {
    const seconds = Math.max(0, Math.ceil(this.#deadline - now()));
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    setText(this.#parts.countdown, this.texts.left.replaceAll("{time}", () => time));
  }
}

function build() {
  const countdown = element("p", "countdown", { role: "timer", "aria-live": "off" });
  const number = element("a", "number");
  const codeLabel = element("span", "code-label", { id: "code-label" });
  const code = element("output", "code", { "aria-labelledby": "code-label code", id: "code" });
  const codeLine = element("p", "code-line", {}, codeLabel, " ", code);
  const qr = element("div", "qr", { role: "img" });
  qr.hidden = true;
  const access = element("div", "access", {}, number, codeLine, qr, countdown);
  const status = element("p", "status", { role: "status", "aria-live": "polite" });
  const button = element("button", "button", { type: "button" });
  const panel = element("div", "panel", {}, status, access, button);
  return { panel, status, access, number, codeLine, codeLabel, code, qr, countdown, button };
}

function element(name, part, attributes = {}, ...children) {
  const made = document.createElement(name);
  made.setAttribute("part", part);
  for (const [attribute, text] of Object.entries(attributes)) made.setAttribute(attribute, text);
  made.append(...children);
  return made;
}

/** Only what changes, so that screen readers do not say it again. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** The events of a stream. It throws a TimeoutError where nothing is heard for too long. */
async function* serverSentEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = "";
  let patience = FIRST_WORD_SECONDS;
  try {
    for (;;) {
      const { done, value } = await within(patience, reader.read());
      if (done) return;
      patience = SILENCE_SECONDS;
      const entries = (unread + value).split("\n\n");
      unread = entries.pop();
      yield* entries.map(parseEvent).filter((event) => event.type);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parseEvent(entry) {
  const fields = Object.fromEntries(entry.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
  return { id: fields.id, type: fields.event, data: fields.data };
}

async function within(seconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("nothing was heard", "TimeoutError")), seconds * SECOND);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** For so many seconds, or until the signal. */
function pause(seconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * SECOND);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** Whether it may be otherwise a little later: a network that fails, a server that is busy or being restarted. */
function isPassing(error) {
  return error instanceof Refusal ? error.isPassing : error instanceof TypeError;
}

/** Seconds on a clock that nobody sets. */
function now() {
  return performance.now() / SECOND;
}

function token() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (!customElements.get("call-me")) customElements.define("call-me", CallMe);
