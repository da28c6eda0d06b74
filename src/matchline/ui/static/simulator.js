// The reservation counts down; a call that is to come too late is placed when it is over.

const SECOND = 1000;
const MARGIN = 500; // ms after the end: the two clocks may differ a little

for (const each of document.querySelectorAll("[data-ends]")) {
  const until = local(each, each.dataset.ends);
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / SECOND));
    each.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "no longer";
  };
  tick();
  setInterval(tick, SECOND);
}

for (const form of document.querySelectorAll("[data-sends-after]")) {
  setTimeout(() => form.requestSubmit(), local(form, form.dataset.sendsAfter) - Date.now() + MARGIN);
}

// When an instant of the server's clock comes, by this one's.
function local(element, instant) {
  return Number(instant) - Number(element.dataset.now) + Date.now();
}
