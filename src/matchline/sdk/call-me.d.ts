/** What a customer dials. */
export interface Access {
  /** The session's id. */
  readonly id: string;
  /** As it was configured. */
  readonly number: string;
  readonly code: string | null;
  readonly telUrl: string | null;
  /** When it was told. */
  readonly secondsLeft: number;
}

export interface Texts {
  start: string;
  asking: string;
  waiting: string;
  code: string;
  /** `{number}` stands for the number. */
  scan: string;
  /** `{number}` stands for the number. */
  dial: string;
  /** `{time}` stands for minutes and seconds. */
  left: string;
  arrived: string;
  expired: string;
  again: string;
  exhausted: string;
  unreachable: string;
  failed: string;
  retry: string;
}

export type State =
  | "idle"
  | "asking"
  | "waiting"
  | "arrived"
  | "expired"
  | "exhausted"
  | "unreachable"
  | "failed";

export interface CallMeEvents {
  reserved: CustomEvent<Access>;
  matched: CustomEvent<Access>;
  expired: CustomEvent<Access>;
  error: CustomEvent<Partial<Access> & { error: Error }>;
}

export class CallMe extends HTMLElement {
  readonly server: string;
  readonly service: string;
  data: Record<string, unknown>;
  get texts(): Texts;
  set texts(texts: Partial<Texts>);
  readonly state: State;
  /** The session's id, while there is one. */
  readonly session: string | null;
  /** Ask for a number, also for a new one. */
  start(): Promise<void>;
  /** Give the number back and forget the session's data. */
  end(): Promise<void>;
  addEventListener<K extends keyof CallMeEvents>(
    type: K,
    listener: (this: CallMe, event: CallMeEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "call-me": CallMe;
  }
}
