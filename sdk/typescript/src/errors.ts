import type { ErrorName } from "./operations.js";

/** Anything that keeps a request from its answer. */
export class MatchlineError extends Error {
  override name = "MatchlineError";
}

/** The server did not answer; whether it did what was asked is not known. */
export class Unreachable extends MatchlineError {
  override name = "Unreachable";
}

/** An error answer: texts, but for the free slots. */
interface Told {
  readonly [member: string]: any;
  readonly availability?: Readonly<Record<string, string>>;
}

/** The server said no: `exception` is the error's stable name, `message` a sentence. */
export class Refused extends MatchlineError {
  override name = "Refused";
  readonly status: number;
  readonly exception: ErrorName | "";
  /** Seconds. */
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;
  /** How many digits the caller is to key in, if a code would do. */
  readonly digits: number | undefined;

  /** Free slots nearest to the time at which nobody can be called back, and how many each still takes. */
  readonly availability: Readonly<Record<string, string>> | undefined;
  /** Where a callback stands that can no longer be changed. */
  readonly callbackState: string | undefined;

  constructor(status: number, body: Told, retryAfter: string | null) {
    super(body["message"] ?? `The server answered ${status}.`);
    this.status = status;
    this.exception = (body["exception"] ?? "") as ErrorName | "";
    this.retryAfter = retryAfter ? Number(retryAfter) : undefined;
    this.requestId = body["_request_id"];
    this.digits = body["_digits"] ? Number(body["_digits"]) : undefined;
    this.availability = body.availability;
    this.callbackState = body["_callback_state"];
  }

  static async of(answer: Response): Promise<Refused> {
    const body = await answer.json().catch(() => ({}));
    return new Refused(answer.status, body, answer.headers.get("retry-after"));
  }
}
