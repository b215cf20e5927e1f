// What do pages do beyond what the browser does by itself? Little, and nothing that cannot be done without it.
import { initAll } from "./built/govuk-frontend.js";

initAll();

// Choosing many rows: "select all" shows itself only here, and the number chosen is told.
function tell(form) {
  const rows = [...form.querySelectorAll("[data-bulk-row]")];
  const chosen = rows.filter((row) => row.checked).length;
  const all = form.querySelector("[data-bulk-all]");
  if (all) {
    all.checked = rows.length > 0 && chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  }
  const told = form.querySelector("[data-bulk-told]");
  if (told) told.textContent = chosen ? told.dataset.words.replace("{count}", chosen) : "";
}

function prepare(within) {
  for (const item of within.querySelectorAll("[data-bulk-only-here]")) item.hidden = false;
  for (const form of within.querySelectorAll("form[data-bulk]")) tell(form);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-bulk-all]")) {
    for (const row of form.querySelectorAll("[data-bulk-row]")) row.checked = event.target.checked;
  }
  tell(form);
});
prepare(document);

// A live part was brought up to date: its components start again, what was open stays open, and it is told once, politely.
let open = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  open = [...event.target.querySelectorAll("details[open][id]")].map((each) => each.id);
});
document.addEventListener("htmx:afterSwap", (event) => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  initAll({ scope: event.target });
  prepare(event.target);
  const told = event.target.closest("[data-live]")?.querySelector("[data-live-told]");
  if (told) told.textContent = told.dataset.words;
});
