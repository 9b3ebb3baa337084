// The month as it is typed. Every change is written down on this device at once and sent to the office as soon as it can be;
// it leaves the device only when the office has answered that it keeps it.
import { dropStrays, elsewhere, restore, strays } from "./month/before.js";
import { chooseDay } from "./month/days.js";
import { add, pick, remove } from "./month/files.js";
import "./month/leaving.js";
import { correct, fill, fillDown, go, nextEmpty, only, takeBack } from "./month/moving.js";
import { count, input, month, one, rowOf, say, words } from "./month/page.js";
import { decide, drain, later, offline, PAUSE, tell, troubled } from "./month/sending.js";

month.addEventListener("input", (event) => {
  const row = rowOf(event.target);
  if (!row || !event.target.matches("[data-value], [data-reason]")) return;
  fill(row);
  // A word that is still being composed is written down, and not sent yet.
  if (!troubled() && !event.isComposing) later(PAUSE);
});

month.addEventListener("compositionend", () => troubled() || later(PAUSE));

month.addEventListener("change", (event) => {
  if (rowOf(event.target) && event.target.matches("[data-value], [data-reason]")) drain();
});

month.addEventListener("keydown", (event) => {
  const target = event.target;
  const row = rowOf(target);
  const field = target.matches("[data-value], [data-reason]");
  const stop = target.matches("[data-stop]");
  if (event.isComposing) return;
  if (row && event.altKey && event.code === "KeyR") {
    event.preventDefault();
    correct(row);
  } else if (row && event.altKey && event.code === "KeyE") {
    event.preventDefault();
    pick(row, "[data-picker]");
  } else if (event.altKey || event.ctrlKey || event.metaKey) {
    return;
  } else if (stop && (event.key === "ArrowDown" || (event.key === "Enter" && field && !event.shiftKey))) {
    event.preventDefault();
    if (!go(target, 1)) one("#month-send button").focus();
  } else if (stop && (event.key === "ArrowUp" || (event.key === "Enter" && field && event.shiftKey))) {
    event.preventDefault();
    go(target, -1);
  } else if (field && event.key === "Enter") {
    event.preventDefault();
    go(input(row), 1);
  } else if (field && event.key === "Escape") {
    event.preventDefault();
    takeBack(row, target);
  }
});

document.addEventListener("keydown", (event) => {
  const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  const jumps = event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyN";
  if (!sends && !jumps) return;
  event.preventDefault();
  if (jumps) nextEmpty();
  else one("#month-send").requestSubmit();
});

month.addEventListener("paste", (event) => {
  const row = rowOf(event.target);
  if (!row) return;
  if (event.clipboardData.files.length) {
    event.preventDefault();
    add(row, [...event.clipboardData.files]);
    return;
  }
  const lines = event.clipboardData.getData("text").replace(/\r?\n$/, "").split(/\r?\n/);
  if (lines.length < 2 || !event.target.matches("[data-value]")) return;
  event.preventDefault();
  fillDown(row, lines);
});

month.addEventListener("click", (event) => {
  const button = event.target.closest("button, summary");
  if (!button) return;
  const row = rowOf(button);
  if (button.matches("[data-next]")) nextEmpty();
  else if (button.matches("[data-only]")) only(button.dataset.only);
  else if (button.matches("[data-keep]")) decide(row, true);
  else if (button.matches("[data-take]")) decide(row, false);
  else if (button.matches("[data-add]")) pick(row, "[data-picker]");
  else if (button.matches("[data-shoot]")) pick(row, "[data-lens]");
  else if (button.matches("[data-detach]")) remove(row, button.dataset.detach);
  else if (button.matches("[data-calendar]")) chooseDay(row);
  else if (button.matches("[data-drop-strays]")) dropStrays();
  else if (button.matches(".month-correct > summary") && !button.parentElement.open) setTimeout(() => input(row).focus());
});

addEventListener("offline", offline);

const restored = restore();
strays();
elsewhere();
count();
tell();
if (restored) say(words("Restored", { n: restored }));
drain();
