// How <call-me> asks a Matchline server, and hears of what happens there.

const BASE_PATH = "genesys/1";

const FIRST_WORD_SECONDS = 5; // a stream that is silent for longer is held back by a proxy
const SILENCE_SECONDS = 20; // the server says something every 15

const SECOND = 1000;

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

/** The answer, for a path below the server's services. It throws a Refusal, or a TypeError where nobody answers. */
export async function request(server, path, { method, body, headers, signal }) {
  const base = new URL(server.endsWith("/") ? server : `${server}/`, document.baseURI);
  const response = await fetch(new URL(`${BASE_PATH}/service/${path}`, base), {
    method,
    headers: { ...(body && { "content-type": "application/json" }), ...headers },
    body: body && JSON.stringify(body),
    cache: "no-store",
    signal,
  });
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  const retryAfter = Number(response.headers.get("retry-after")) || 0;
  throw new Refusal(response.status, told.exception ?? "", told.message ?? response.statusText, retryAfter);
}

/** The events of a stream. It throws a TimeoutError where nothing is heard for too long. */
export async function* serverSentEvents(body) {
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
export function pause(seconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * SECOND);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** Whether it may be otherwise a little later: a network that fails, a server that is busy or being restarted. */
export function isPassing(error) {
  return error instanceof Refusal ? error.isPassing : error instanceof TypeError;
}

/** Seconds on a clock that nobody sets. */
export function now() {
  return performance.now() / SECOND;
}

export function token() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
