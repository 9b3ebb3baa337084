// Moving about the month, and filling what one stands in.
import { all, input, isEmpty, one, reveal, rowOf, rows, say, seen, words } from "./page.js";
import { known, note, queue } from "./queue.js";
import { drain, later, PAUSE, tell } from "./sending.js";

// A row is filled: written down at once, sent when its time has come.
export function fill(row) {
  note(row);
  tell();
}

const stops = () => all("[data-stop]").filter((stop) => seen(stop) && !(stop.tagName === "SUMMARY" && stop.parentElement.open));

export function go(from, step) {
  const found = stops();
  const next = found[found.indexOf(from) + step];
  if (!next) return false;
  next.focus();
  if (next.select) next.select();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

export function nextEmpty() {
  const order = [...rows.values()];
  const at = order.indexOf(rowOf(document.activeElement));
  const next = [...order.slice(at + 1), ...order.slice(0, at + 1)].find((row) => isEmpty(row) && !queue.get(row.dataset.cell)?.typed);
  if (!next) return say(words("Complete"));
  reveal(next);
  const field = input(next);
  if (one(".month-correct", next)) one(".month-correct", next).open = true;
  field.focus();
  field.scrollIntoView({ block: "center" });
}

// Which rows are shown is decided when one asks, so that none goes away under the hand that fills it.
export function only(wanted) {
  const fits = (row) => !wanted || (wanted === "empty" ? isEmpty(row) : "marked" in row.dataset);
  for (const row of rows.values()) row.hidden = !fits(row);
  for (const promise of all("[data-promise]")) promise.hidden = !all("[data-cell]", promise).some((row) => !row.hidden);
  for (const part of all("[data-part]")) {
    part.hidden = !all("[data-promise]", part).some((promise) => !promise.hidden);
    if (wanted && !part.hidden) part.open = true;
  }
  for (const button of all(".month-only [data-only]")) button.setAttribute("aria-pressed", String(button.dataset.only === wanted));
  one("[data-none]").hidden = [...rows.values()].some((row) => !row.hidden);
}

export function correct(row, open = true) {
  const correction = one(".month-correct", row);
  if (!correction) return;
  correction.open = open;
  (open ? input(row) : one("summary", correction)).focus();
}

export function takeBack(row, field) {
  const before = known.get(row.dataset.cell);
  const was = field.matches("[data-reason]") ? before.reason : before.typed;
  if (field.value !== was) {
    field.value = was;
    fill(row);
    later(PAUSE);
  } else if (one(".month-correct", row) && !input(row).value) {
    correct(row, false);
  }
}

// A column from a spreadsheet goes down the rows of the same measure in the same programme, answered ones included.
export function fillDown(row, lines) {
  const down = all(`[data-cell][data-measure="${row.dataset.measure}"]`, row.closest("[data-part]")).filter((each) => !each.hidden);
  const from = down.indexOf(row);
  let filled = 0;
  for (const [place, line] of lines.entries()) {
    const target = down[from + place];
    if (!target) break;
    const text = line.split("\t")[0].trim();
    if (!text) continue;
    input(target).value = text;
    reveal(target);
    fill(target);
    filled += 1;
  }
  say(words("Pasted", { n: filled }));
  drain();
}
