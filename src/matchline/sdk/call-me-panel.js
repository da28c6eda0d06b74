// What <call-me> shows. Texts are set as text and styles as constructed style sheets, so that a strict content security
// policy has nothing to refuse.

export const TEXTS = {
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

export class Panel {
  #parts = build();

  constructor(onButton) {
    this.#parts.button.addEventListener("click", onButton);
  }

  attach(root) {
    root.adoptedStyleSheets = [SHEET];
    root.append(this.#parts.panel);
  }

  /** `access`: what is to be dialled, while the state is `waiting`; `left`: seconds. */
  show(state, texts, access, left) {
    const { panel, status, button } = this.#parts;
    panel.dataset.state = state;
    setText(status, state === "idle" ? "" : texts[state]);
    this.#parts.access.hidden = state !== "waiting";
    if (state === "waiting") this.#showAccess(access, texts, left);
    button.hidden = !(state in BUTTONS);
    setText(button, button.hidden ? "" : texts[BUTTONS[state]]);
  }

  showCountdown(left, texts) {
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    setText(this.#parts.countdown, texts.left.replaceAll("{time}", () => time));
  }

  /** An SVG image; none when it is null. */
  drawQr(image) {
    const { qr } = this.#parts;
    const drawing = image && new DOMParser().parseFromString(image, "image/svg+xml").documentElement;
    qr.replaceChildren(...(drawing ? [document.importNode(drawing, true)] : []));
    qr.hidden = !drawing;
  }

  #showAccess(access, texts, left) {
    const { number, codeLine, codeLabel, code, qr } = this.#parts;
    const { number: text, code: digits, telUrl } = access;
    setText(number, text);
    if (telUrl?.startsWith("tel:")) number.href = telUrl;
    else number.removeAttribute("href");
    number.setAttribute("aria-label", texts.dial.replaceAll("{number}", () => text));
    qr.setAttribute("aria-label", texts.scan.replaceAll("{number}", () => text));
    codeLine.hidden = !digits;
    setText(codeLabel, texts.code);
    setText(code, digits ?? "");
    code.setAttribute("aria-label", [...(digits ?? "")].join(" ")); // read out digit by digit
    this.showCountdown(left, texts);
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
