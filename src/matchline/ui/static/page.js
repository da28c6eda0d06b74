// What every page needs: times in the reader's own zone, dialogs that ask first, rows that are added.

import { localTimes } from "./times.js";

localTimes(document);

// On a phone the rooms stand in a row that is longer than the screen.
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  const adder = event.target.closest("[data-adds]");
  if (adder) addRow(adder);
  const copier = event.target.closest("[data-copies]");
  if (copier) copy(copier);
});

// The template's row, with the next number in its names.
function addRow(button) {
  const rows = document.getElementById(button.dataset.adds);
  const row = rows.querySelector("template").content.cloneNode(true);
  const place = rows.querySelectorAll("[data-row]").length;
  for (const field of row.querySelectorAll("[name]")) field.name = field.name.replace("#", place);
  rows.append(row);
  rows.lastElementChild.querySelector("input").focus();
}

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
  button.textContent = "Copied";
}
