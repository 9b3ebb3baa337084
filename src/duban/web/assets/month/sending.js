// What waits is sent, one after the other; what fails is tried again, later and later.
import { count, facts, input, one, reason, reveal, rows, say, words } from "./page.js";
import { leaving, post } from "./post.js";
import { clashing, known, queue, ready, refused, write } from "./queue.js";

export const PAUSE = 900;
const LONGEST = 60_000;

// How much waits beside the cells, and how it is sent: the evidence says so itself.
export const evidence = { waiting: 0, send: async () => {} };

let trouble = "";
let failures = 0;
let busy = null;
let timer = 0;

export function later(delay = Math.min(LONGEST, 1000 * 2 ** failures)) {
  clearTimeout(timer);
  timer = setTimeout(drain, delay);
}

export function drain() {
  clearTimeout(timer);
  busy ??= work().finally(() => {
    busy = null;
    tell();
    if (trouble) later();
  });
  return busy;
}

async function work() {
  for (let key; !leaving() && (key = ready()[0]) !== undefined; ) {
    trouble = "";
    tell();
    if (!(await sendCell(key))) return;
  }
  if (await evidence.send()) trouble = "";
}

// The connection is there again, or so one hopes.
export function anew() {
  failures = 0;
  drain();
}

export function offline() {
  trouble = "Offline";
  tell();
}

export const troubled = () => trouble !== "";

export function failed(fault) {
  if (leaving()) return false;
  trouble = fault.trouble ?? "Offline";
  failures += 1;
  return false;
}

async function sendCell(key) {
  const row = rows.get(key);
  const sending = queue.get(key);
  // Until the office answers, both what stood there and what was sent may stand there.
  sending.sent = [...new Set([...(sending.sent ?? []), sending.typed])];
  write(key);
  let answer;
  try {
    answer = await post(facts.cellUrl, {
      undertaking: row.dataset.undertaking,
      measure: row.dataset.measure,
      typed: sending.typed,
      reason: sending.reason,
      seen: sending.seen,
      unit: sending.unit,
      over: [sending.over, ...sending.sent],
    });
  } catch (fault) {
    return failed(fault);
  }
  failures = 0;
  if (answer.ok) settle(key, sending, answer);
  else if (answer.clash) clash(row, answer);
  else refuse(row, answer);
  return true;
}

function settle(key, sending, answer) {
  const row = rows.get(key);
  known.set(key, { typed: sending.typed, reason: sending.reason, stands: answer.typed });
  const now = queue.get(key);
  if (now.typed === sending.typed && now.reason === sending.reason) {
    queue.delete(key);
    show(row, answer);
  } else {
    queue.set(key, { ...now, over: answer.typed, sent: [] });
  }
  write(key);
}

// What the office answered, in the row

export function show(row, answer) {
  one("[data-notes]", row).innerHTML = answer.notes;
  one("[data-files]", row).innerHTML = answer.files;
  row.toggleAttribute("data-filled", answer.filled);
  row.toggleAttribute("data-marked", answer.marked);
  input(row).toggleAttribute("aria-invalid", false);
  if (answer.wrong) input(row).setAttribute("aria-invalid", "true");
  if (answer.wrong || answer.marked) say(answer.spoken);
  count();
}

function refuse(row, answer) {
  refused.add(row.dataset.cell);
  const place = one("[data-notes]", row);
  place.replaceChildren(Object.assign(document.createElement("p"), { className: "month-wrong", textContent: answer.wrong ?? words("Broken") }));
  input(row).setAttribute("aria-invalid", "true");
  row.setAttribute("data-marked", "");
  say(place.textContent);
}

function clash(row, answer) {
  clashing.add(row.dataset.cell);
  const shown = one("[data-clash]", row);
  shown.innerHTML = answer.clash;
  shown.dataset.stands = answer.stands;
  shown.hidden = false;
  row.setAttribute("data-marked", "");
  reveal(row);
  say(answer.spoken);
}

export function decide(row, mine) {
  const key = row.dataset.cell;
  const shown = one("[data-clash]", row);
  const theirs = shown.dataset.stands;
  if (!mine) {
    input(row).value = one("[data-take]", shown).dataset.take;
    if (reason(row)) reason(row).value = "";
  }
  known.set(key, { typed: mine ? theirs : input(row).value, reason: "", stands: theirs });
  queue.set(key, { typed: input(row).value, reason: reason(row)?.value ?? "", seen: row.dataset.seen, unit: facts.unit, over: theirs, sent: [] });
  clashing.delete(key);
  shown.hidden = true;
  write(key);
  input(row).focus();
  drain();
}

// What the page says of itself

let said = "";

export function remark(sentence) {
  say(sentence);
  one("[data-said]").textContent = said = sentence;
}

function state() {
  if (clashing.size) return ["clash", words("Clash")];
  if (refused.size) return ["refused", words("Refused", { n: refused.size })];
  const n = queue.size + evidence.waiting;
  if (trouble && n) return [trouble === "Offline" ? "offline" : "trouble", words(trouble, { n })];
  if (!navigator.onLine) return ["offline", words("Idle")];
  return ready().length ? ["saving", words("Saving")] : ["saved", words("Saved")];
}

export function tell() {
  const [name, sentence] = state();
  const line = one(".month-state");
  line.dataset.state = name;
  // A reader that speaks is told of what lasts, not of every stroke.
  if (sentence !== said && name !== "saving") one("[data-said]").textContent = said = sentence;
  line.dataset.saving = name === "saving" ? words("Saving") : "";
  one("[data-sign-in]").hidden = !(trouble === "SignedOut" || trouble === "OtherUser") || !queue.size;
}
