// Parts of a page that change by themselves: the server sends a part again when it looks different, and what differs
// is put in its place, so that whatever the reader looks at, has focused or selected stays as it is.

import { localTimes } from "./times.js";

const SECOND = 1000;
const SOON = 10; // seconds that are left when a countdown stands out
const RETRY = 3 * SECOND; // a browser gives up after some refusals; a page that stays open does not

for (const each of document.querySelectorAll("[data-live]")) follow(each);

function follow(region) {
  const ahead = Number(region.dataset.now) - Date.now(); // of the server's clock, as far as this page can know
  const tick = () => countDown(region, Date.now() + ahead);
  let source = null;

  function listen() {
    source?.close();
    if (document.hidden) return;
    source = new EventSource(region.dataset.live);
    source.onopen = () => say("live");
    source.onmessage = (message) => {
      const fresh = region.cloneNode(false);
      fresh.innerHTML = JSON.parse(message.data);
      patch(region, fresh);
      localTimes(region);
      tick();
    };
    source.onerror = async () => {
      say("not connected, trying again");
      if (source.readyState !== EventSource.CLOSED) return;
      if (await isOut()) location.reload();
      else setTimeout(listen, RETRY);
    };
  }

  document.addEventListener("visibilitychange", listen);
  listen();
  tick();
  setInterval(tick, SECOND);
}

// Whether this page now leads to the login: nobody who is out goes on looking at it.
async function isOut() {
  const answer = await fetch(location.href, { method: "HEAD" }).catch(() => null);
  return answer?.redirected ?? false;
}

function say(state) {
  const place = document.getElementById("live-state");
  if (place.textContent !== state) place.textContent = state;
}

function countDown(region, now) {
  for (const each of region.querySelectorAll("[data-until]")) {
    const left = Math.max(0, Math.ceil((Number(each.dataset.until) - now) / SECOND));
    const text = left ? inWords(left) : "over";
    if (each.textContent !== text) each.textContent = text;
    each.classList.toggle("soon", left < SOON);
  }
}

function inWords(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

// Makes `old` look like `fresh` by as few changes as possible. What has a data-key is known again by it.
function patch(old, fresh) {
  const kept = new Set([...fresh.children].map((child) => child.dataset.key));
  for (const child of [...old.children]) if (child.dataset.key && !kept.has(child.dataset.key)) child.remove();
  const known = new Map([...old.children].map((child) => [child.dataset.key, child]));
  let place = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const same = child.dataset?.key ? known.get(child.dataset.key) : isLike(place, child) ? place : null;
    if (same === place && place) place = place.nextSibling;
    else old.insertBefore(same ?? child, place);
    if (same) update(same, child);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function isLike(old, fresh) {
  return old && !old.dataset?.key && old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName;
}

function update(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  // A time or a countdown that is still the same was made readable here.
  if (old.dataset.until && old.dataset.until === fresh.dataset.until) return;
  if (old.dateTime && old.dateTime === fresh.dateTime) return;
  for (const { name } of [...old.attributes]) if (isTold(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (isTold(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  patch(old, fresh);
}

// What is unfolded is the reader's choice.
function isTold(attribute) {
  return attribute !== "open";
}
