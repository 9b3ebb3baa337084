// What was typed and waits, by cell {typed, reason, seen, unit, over, sent}: in memory, and in the browser's storage where there is one.
import { facts, input, reason, rows } from "./page.js";

export const place = `${facts.user}:${facts.body}:${facts.period}`;
const prefix = `duban.month:${place}:`;

export const queue = new Map();
export const refused = new Set();
export const clashing = new Set();
export const known = new Map();

export function write(key) {
  try {
    if (queue.has(key)) localStorage.setItem(prefix + key, JSON.stringify(queue.get(key)));
    else localStorage.removeItem(prefix + key);
  } catch {
    // Where the browser keeps nothing, it waits in memory alone.
  }
}

export function read() {
  const found = [];
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(prefix)) found.push([name.slice(prefix.length), JSON.parse(localStorage.getItem(name))]);
    }
  } catch {
    // A browser that keeps nothing has nothing of before either.
  }
  return found;
}

// What stands in a row from now on.
export function note(row) {
  const key = row.dataset.cell;
  const now = { typed: input(row).value, reason: reason(row)?.value ?? "" };
  const before = known.get(key);
  const last = queue.get(key);
  if (now.typed === before.typed && now.reason === before.reason && !last?.sent?.length) queue.delete(key);
  else queue.set(key, { ...now, seen: row.dataset.seen, unit: facts.unit, over: before.stands, sent: last?.sent ?? [] });
  refused.delete(key);
  write(key);
}

export const ready = () => [...queue.keys()].filter((key) => rows.has(key) && !refused.has(key) && !clashing.has(key));
