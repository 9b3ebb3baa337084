// A day may be picked as well as typed: the browser's own calendar, which fills the field.
import { input, month, one } from "./page.js";
import { fill } from "./moving.js";
import { drain } from "./sending.js";

const days = one("[data-days]");
let chosen = null;

export function chooseDay(row) {
  chosen = row;
  days.value = /^\d{4}-\d{2}-\d{2}$/.test(input(row).value) ? input(row).value : "";
  const box = input(row).getBoundingClientRect();
  const frame = month.getBoundingClientRect();
  days.style.insetBlockStart = `${box.bottom - frame.top}px`;
  days.style.insetInlineStart = `${box.left - frame.left}px`;
  days.showPicker?.();
}

days.addEventListener("change", (event) => {
  event.stopPropagation();
  if (!chosen || !days.value) return;
  input(chosen).value = days.value;
  fill(chosen);
  drain();
  input(chosen).focus();
});
