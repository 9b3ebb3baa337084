// The month as it stands in the page: its rows, its words, what is seen of it.

export const month = document.getElementById("month");
export const facts = month.dataset;
export const words = (name, given = {}) => facts[`words${name}`].replace(/\{(\w+)\}/g, (_, key) => given[key]);
export const one = (name, root = month) => root.querySelector(name);
export const all = (name, root = month) => [...root.querySelectorAll(name)];
export const rows = new Map(all("[data-cell]").map((row) => [row.dataset.cell, row]));
export const input = (row) => one("[data-value]", row);
export const reason = (row) => one("[data-reason]", row);
export const rowOf = (target) => target?.closest?.("[data-cell]");

export const seen = (element) => element.getClientRects().length > 0;
export const isEmpty = (row) => "due" in row.dataset && !("filled" in row.dataset);

export function say(sentence) {
  one("[data-told]").textContent = sentence;
}

export function count() {
  const counted = (root) => {
    const due = all("[data-cell][data-due]", root);
    return { due: due.length, filled: due.filter((row) => "filled" in row.dataset).length };
  };
  for (const part of all("[data-part]")) one("[data-part-count]", part).textContent = words("Forms", counted(part));
  const whole = counted(month);
  one("[data-count]").textContent = words("Forms", whole);
  one("[data-progress]").value = whole.filled;
}

export function reveal(row) {
  row.closest("[data-part]").open = true;
  for (const part of [row, row.closest("[data-promise]"), row.closest("[data-part]")]) part.hidden = false;
  const correction = one(".month-correct", row);
  if (correction && input(row).value) correction.open = true;
}
