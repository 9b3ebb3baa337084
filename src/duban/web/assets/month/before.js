// What this device still kept from before: shown where it belongs, and sent.
import { all as filesKept } from "../kept.js";
import { facts, input, one, reason, reveal, rows, words } from "./page.js";
import { known, place, queue, read, write } from "./queue.js";
import { tell } from "./sending.js";

export function dropStrays() {
  for (const key of [...queue.keys()]) {
    if (rows.has(key)) continue;
    queue.delete(key);
    write(key);
  }
  one("[data-strays]").hidden = true;
  tell();
}

export function strays() {
  const left = [...queue].filter(([key]) => !rows.has(key));
  const shown = one("[data-strays]");
  if (!left.length) return;
  shown.textContent = `${words("Stray", { n: left.length })} ${left.map(([, cell]) => cell.typed).join(", ")} `;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: words("Drop") });
  button.dataset.dropStrays = "";
  shown.append(button);
  shown.hidden = false;
}

export async function elsewhere() {
  const mine = `${facts.user}:`;
  const others = new Map();
  const found = (where) => where !== place && where.startsWith(mine) && others.set(where, (others.get(where) ?? 0) + 1);
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith("duban.month:")) found(name.split(":").slice(1, 4).join(":"));
    }
    for (const file of await filesKept()) found(file.place);
  } catch {
    // A browser that keeps nothing has nothing of another month either.
  }
  for (const [where, n] of others) {
    const [, body, period] = where.split(":");
    const link = Object.assign(document.createElement("a"), { href: `${location.pathname}?body=${encodeURIComponent(body)}&period=${period}`, textContent: words("Elsewhere", { n }) });
    const line = document.createElement("p");
    line.className = "notice notice-amber";
    line.append(link);
    one(".month-bar").after(line);
  }
}

// Every cell as the page has it, and over it what was typed here before; how many those are.
export function restore() {
  for (const [key, row] of rows) known.set(key, { typed: input(row).value, reason: reason(row)?.value ?? "", stands: row.dataset.typed });
  let restored = 0;
  for (const [key, cell] of read()) {
    queue.set(key, cell);
    const row = rows.get(key);
    if (!row) continue;
    // In another unit than this page's, a bare number says its own.
    const bare = "money" in row.dataset && cell.unit !== facts.unit && /^[\d.,\s]+$/.test(cell.typed);
    if (bare) Object.assign(cell, { typed: `${cell.typed}${cell.unit}`, sent: (cell.sent ?? []).map((text) => `${text}${cell.unit}`) });
    input(row).value = cell.typed;
    if (reason(row)) reason(row).value = cell.reason;
    reveal(row);
    restored += 1;
  }
  return restored;
}
