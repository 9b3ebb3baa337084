// Evidence: chosen, photographed, pasted or dropped; sent at once, or kept on this device until it can be.
import { all as filesKept, forget, keep } from "../kept.js";
import { all, facts, input, month, one, rowOf, rows, say, seen, words } from "./page.js";
import { leaving, post, sendFile } from "./post.js";
import { place, queue } from "./queue.js";
import { evidence, failed, later, show, tell } from "./sending.js";

let target = null;

export function pick(row, name) {
  target = row;
  one(name).click();
}

for (const picker of all("[data-picker], [data-lens]")) {
  picker.addEventListener("change", (event) => {
    event.stopPropagation();
    add(target, [...picker.files]);
    picker.value = "";
  });
}

// A file dropped on an undertaking goes to its first cell that can still be sent; where there is none, to the undertaking alone.
function cellFor(spot) {
  const row = rowOf(spot);
  if (row) return row;
  const found = all("[data-cell]", spot.closest("[data-promise]"));
  return found.find((each) => !each.hidden && (!each.classList.contains("is-answered") || input(each).value)) ?? null;
}

const slot = (row, promise) => ({ undertaking: promise ?? row.dataset.undertaking, measure: row?.dataset.measure ?? "" });

export const air = { flying: 0, landed: Promise.resolve() };

export function add(row, found, promise) {
  air.flying += 1;
  const records = found.map((file) => ({ ...slot(row, promise), file, name: file.name, place, cell: row?.dataset.cell ?? "" }));
  air.landed = air.landed
    .then(async () => {
      for (const record of records) await upload(record);
    })
    .finally(() => (air.flying -= 1));
}

async function upload(record) {
  const row = rows.get(record.cell);
  const spot = row ?? one(`[data-promise="${record.undertaking}"]`);
  const list = spot ? one("[data-files]", spot) : null;
  const mark = document.createElement("li");
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", words("Uploading", { name: record.name }));
  mark.append(bar);
  list?.append(mark);
  say(words("Uploading", { name: record.name }));
  try {
    const answer = await sendFile(record, (part) => (bar.value = part));
    mark.remove();
    if (row && answer.ok) show(row, answer);
    warn(spot, answer.told ?? answer.wrong ?? "");
    return true;
  } catch (fault) {
    mark.remove();
    failed(fault);
    if (record.id === undefined) await keepFile(spot, record);
    return false;
  }
}

async function keepFile(spot, record) {
  let told;
  try {
    await keep(record);
    evidence.waiting += 1;
    told = words("FileKept", { name: record.name });
  } catch {
    told = words("FileLost", { name: record.name });
  }
  warn(spot, told);
  tell();
  later();
}

function warn(spot, sentence) {
  say(sentence);
  if (!spot || !sentence) return;
  one("[data-file-told]", spot)?.remove();
  const told = Object.assign(document.createElement("p"), { className: "month-hint", textContent: sentence });
  told.dataset.fileTold = "";
  one("[data-notes]", spot).append(told);
}

async function sendFiles() {
  let kept = [];
  try {
    kept = (await filesKept()).filter((file) => file.place === place);
  } catch {
    kept = [];
  }
  evidence.waiting = kept.length;
  for (const record of kept) {
    if (leaving() || !(await upload(record))) return false;
    await forget(record.id);
    evidence.waiting -= 1;
  }
  return !queue.size;
}

evidence.send = sendFiles;

export async function remove(row, evidence) {
  try {
    const answer = await post(facts.detachUrl, { ...slot(row), evidence });
    if (answer.ok) show(row, answer);
    warn(row, answer.told ?? answer.wrong ?? "");
    (seen(input(row)) ? input(row) : one("summary", row)).focus();
  } catch (fault) {
    failed(fault);
    warn(row, words("Undone"));
    tell();
  }
}

let over = null;
function hover(spot) {
  over?.classList.remove("is-over");
  over = spot;
  over?.classList.add("is-over");
}
const spotOf = (event) => (event.dataTransfer?.types.includes("Files") ? (rowOf(event.target) ?? event.target.closest("[data-promise]")) : null);
month.addEventListener("dragover", (event) => {
  const spot = spotOf(event);
  if (!spot) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  if (spot !== over) hover(spot);
});
month.addEventListener("dragleave", (event) => {
  if (!month.contains(event.relatedTarget)) hover(null);
});
month.addEventListener("drop", (event) => {
  const spot = spotOf(event);
  hover(null);
  if (!spot) return;
  event.preventDefault();
  const row = cellFor(spot);
  add(row, [...event.dataTransfer.files], row ? undefined : spot.closest("[data-promise]").dataset.promise);
});
