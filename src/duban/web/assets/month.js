// The month as it is typed. Every change is written down on this device at once and sent to the office as soon as it can be;
// it leaves the device only when the office has answered that it keeps it.
import { all as filesKept, forget, keep } from "./kept.js";

const month = document.getElementById("month");
if (month) begin();

function begin() {
  const facts = month.dataset;
  const words = (name, given = {}) => facts[`words${name}`].replace(/\{(\w+)\}/g, (_, key) => given[key]);
  const place = `${facts.user}:${facts.body}:${facts.period}`;
  const prefix = `duban.month:${place}:`;
  const PAUSE = 900;
  const LONGEST = 60_000;
  const one = (name, root = month) => root.querySelector(name);
  const all = (name, root = month) => [...root.querySelectorAll(name)];
  const rows = new Map(all("[data-cell]").map((row) => [row.dataset.cell, row]));
  const input = (row) => one("[data-value]", row);
  const reason = (row) => one("[data-reason]", row);
  const rowOf = (target) => target?.closest?.("[data-cell]");
  const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  const token = () => cookie("csrftoken") || one("#month-send [name=csrfmiddlewaretoken]").value;

  // What waits: by cell {typed, reason, seen, unit, over}. In memory, and in the browser's storage where there is one.

  const queue = new Map();
  const refused = new Set();
  const clashing = new Set();
  const known = new Map();
  let stored = true;

  function write(key) {
    try {
      if (queue.has(key)) localStorage.setItem(prefix + key, JSON.stringify(queue.get(key)));
      else localStorage.removeItem(prefix + key);
    } catch {
      stored = false;
    }
  }

  function read() {
    const found = [];
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(prefix)) found.push([name.slice(prefix.length), JSON.parse(localStorage.getItem(name))]);
      }
    } catch {
      stored = false;
    }
    return found;
  }

  function note(row) {
    const key = row.dataset.cell;
    const now = { typed: input(row).value, reason: reason(row)?.value ?? "" };
    const before = known.get(key);
    const last = queue.get(key);
    if (now.typed === before.typed && now.reason === before.reason && !last?.sent?.length) queue.delete(key);
    else queue.set(key, { ...now, seen: row.dataset.seen, unit: facts.unit, over: before.stands, sent: last?.sent ?? [] });
    refused.delete(key);
    write(key);
    tell();
  }

  // Sending, one cell after the other; what fails is tried again, later and later.

  let trouble = "";
  let failures = 0;
  let busy = null;
  let timer = 0;

  function later(delay = Math.min(LONGEST, 1000 * 2 ** failures)) {
    clearTimeout(timer);
    timer = setTimeout(drain, delay);
  }

  const ready = () => [...queue.keys()].filter((key) => rows.has(key) && !refused.has(key) && !clashing.has(key));

  function drain() {
    clearTimeout(timer);
    busy ??= work().finally(() => {
      busy = null;
      tell();
      if (trouble) later();
    });
    return busy;
  }

  async function work() {
    for (let key; (key = ready()[0]) !== undefined; ) {
      trouble = "";
      tell();
      if (!(await sendCell(key))) return;
    }
    await sendFiles();
  }

  async function post(address, form) {
    const body = new FormData();
    for (const [name, value] of Object.entries({ user: facts.user, body: facts.body, period: facts.period, unit: facts.unit, ...form })) {
      for (const each of [value].flat()) body.append(name, each);
    }
    const answer = await fetch(address, { method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": token(), Accept: "application/json" } });
    if (answer.type === "opaqueredirect") throw Object.assign(new Error(), { trouble: "SignedOut" });
    if (answer.status >= 500) throw Object.assign(new Error(), { trouble: "Broken" });
    const told = answer.headers.get("content-type")?.startsWith("application/json") ? await answer.json() : { wrong: words("Closed") };
    if (told.code === "another-user") throw Object.assign(new Error(), { trouble: "OtherUser" });
    return { ok: answer.ok, ...told };
  }

  function failed(fault) {
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

  function show(row, answer) {
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

  function decide(row, mine) {
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
  function state() {
    if (clashing.size) return ["clash", words("Clash")];
    if (refused.size) return ["refused", words("Refused", { n: refused.size })];
    const n = queue.size + files;
    if (trouble && n) return [trouble === "Offline" ? "offline" : "trouble", words(trouble, { n })];
    if (!navigator.onLine) return ["offline", words("Idle")];
    return ready().length ? ["saving", words("Saving")] : ["saved", words("Saved")];
  }

  function tell() {
    const [name, sentence] = state();
    const line = one(".month-state");
    line.dataset.state = name;
    // A reader that speaks is told of what lasts, not of every stroke.
    if (sentence !== said && name !== "saving") one("[data-said]").textContent = said = sentence;
    line.dataset.saving = name === "saving" ? words("Saving") : "";
    one("[data-sign-in]").hidden = !(trouble === "SignedOut" || trouble === "OtherUser") || !queue.size;
  }

  function say(sentence) {
    one("[data-told]").textContent = sentence;
  }

  const isEmpty = (row) => "due" in row.dataset && !("filled" in row.dataset);

  function count() {
    const counted = (root) => {
      const due = all("[data-cell][data-due]", root);
      return { due: due.length, filled: due.filter((row) => "filled" in row.dataset).length };
    };
    for (const part of all("[data-part]")) one("[data-part-count]", part).textContent = words("Forms", counted(part));
    const whole = counted(month);
    one("[data-count]").textContent = words("Forms", whole);
    one("[data-progress]").value = whole.filled;
  }

  // Moving about

  const seen = (element) => element.getClientRects().length > 0;
  const stops = () => all("[data-stop]").filter((stop) => seen(stop) && !(stop.tagName === "SUMMARY" && stop.parentElement.open));

  function go(from, step) {
    const found = stops();
    const next = found[found.indexOf(from) + step];
    if (!next) return false;
    next.focus();
    if (next.select) next.select();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function reveal(row) {
    row.closest("[data-part]").open = true;
    for (const part of [row, row.closest("[data-promise]"), row.closest("[data-part]")]) part.hidden = false;
    const correction = one(".month-correct", row);
    if (correction && input(row).value) correction.open = true;
  }

  function nextEmpty() {
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
  function only(wanted) {
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

  function correct(row, open = true) {
    const correction = one(".month-correct", row);
    if (!correction) return;
    correction.open = open;
    (open ? input(row) : one("summary", correction)).focus();
  }

  function takeBack(row, field) {
    const before = known.get(row.dataset.cell);
    const was = field.matches("[data-reason]") ? before.reason : before.typed;
    if (field.value !== was) {
      field.value = was;
      note(row);
      later(PAUSE);
    } else if (one(".month-correct", row) && !input(row).value) {
      correct(row, false);
    }
  }

  // A column from a spreadsheet goes down the rows of the same measure in the same programme, answered ones included.
  function fillDown(row, lines) {
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
      note(target);
      filled += 1;
    }
    say(words("Pasted", { n: filled }));
    drain();
  }

  month.addEventListener("input", (event) => {
    const row = rowOf(event.target);
    if (!row || !event.target.matches("[data-value], [data-reason]")) return;
    note(row);
    // A word that is still being composed is written down, and not sent yet.
    if (!trouble && !event.isComposing) later(PAUSE);
  });

  month.addEventListener("compositionend", () => trouble || later(PAUSE));

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

  // A page that comes back from the browser's memory may be older than what the office keeps.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
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

  // A day may be picked as well as typed: the browser's own calendar, which fills the field.
  const days = one("[data-days]");
  let chosen = null;
  function chooseDay(row) {
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
    note(chosen);
    drain();
    input(chosen).focus();
  });

  // Evidence

  let files = 0;
  let target = null;

  function pick(row, name) {
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

  let flying = 0;
  let landed = Promise.resolve();

  function add(row, found, promise) {
    flying += 1;
    const records = found.map((file) => ({ ...slot(row, promise), file, name: file.name, place, cell: row?.dataset.cell ?? "" }));
    landed = landed
      .then(async () => {
        for (const record of records) await upload(record);
      })
      .finally(() => (flying -= 1));
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
      files += 1;
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

  // Files travel by XMLHttpRequest, which alone tells how far they have come.
  function sendFile(record, tellPart) {
    const form = new FormData();
    for (const name of ["undertaking", "measure"]) form.append(name, record[name]);
    for (const [name, value] of Object.entries({ user: facts.user, body: facts.body, period: facts.period, unit: facts.unit })) form.append(name, value);
    form.append("file", record.file, record.name);
    return new Promise((done, failure) => {
      const request = new XMLHttpRequest();
      request.open("POST", facts.attachUrl);
      request.setRequestHeader("X-CSRFToken", token());
      request.setRequestHeader("Accept", "application/json");
      request.upload.onprogress = (event) => event.lengthComputable && tellPart(event.loaded / event.total);
      request.onerror = request.onabort = () => failure(new Error());
      request.onload = () => {
        if (request.status >= 500) return failure(Object.assign(new Error(), { trouble: "Broken" }));
        let answer;
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          // Whoever is signed out is led to the sign-in page, which is no JSON.
          return failure(Object.assign(new Error(), { trouble: "SignedOut" }));
        }
        if (answer.code === "another-user") return failure(Object.assign(new Error(), { trouble: "OtherUser" }));
        return done({ ok: request.status === 200, ...answer });
      };
      request.send(form);
    });
  }

  async function sendFiles() {
    let kept = [];
    try {
      kept = (await filesKept()).filter((file) => file.place === place);
    } catch {
      kept = [];
    }
    files = kept.length;
    for (const record of kept) {
      if (!(await upload(record))) return;
      await forget(record.id);
      files -= 1;
    }
    if (!queue.size) trouble = "";
  }

  async function remove(row, evidence) {
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

  // Sending the month: first everything typed reaches the office, then it is made a report.

  let leaving = false;
  one("#month-send").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (leaving) return;
    const form = event.target;
    const part = event.submitter?.value;
    await landed;
    await drain();
    if (queue.size || files) {
      const sentence = clashing.size ? words("Clash") : words("NotYet");
      say(sentence);
      one("[data-said]").textContent = said = sentence;
      const first = rows.get([...clashing, ...refused, ...queue.keys()].find((key) => rows.has(key)));
      if (first) {
        reveal(first);
        input(first).focus();
      }
      return;
    }
    if (part) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "programme", value: part }));
    form.elements.csrfmiddlewaretoken.value = token();
    leaving = true;
    form.submit();
  });

  addEventListener("beforeunload", (event) => {
    if (!leaving && (queue.size || files || flying)) event.preventDefault();
  });
  addEventListener("online", () => {
    failures = 0;
    drain();
  });
  addEventListener("offline", () => {
    trouble = "Offline";
    tell();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && (queue.size || files)) drain();
  });

  // What this device still kept from before: shown where it belongs, and sent.

  function dropStrays() {
    for (const key of [...queue.keys()]) {
      if (rows.has(key)) continue;
      queue.delete(key);
      write(key);
    }
    one("[data-strays]").hidden = true;
    tell();
  }

  function strays() {
    const left = [...queue].filter(([key]) => !rows.has(key));
    const shown = one("[data-strays]");
    if (!left.length) return;
    shown.textContent = `${words("Stray", { n: left.length })} ${left.map(([, cell]) => cell.typed).join(", ")} `;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: words("Drop") });
    button.dataset.dropStrays = "";
    shown.append(button);
    shown.hidden = false;
  }

  async function elsewhere() {
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
  strays();
  elsewhere();
  count();
  tell();
  if (restored) say(words("Restored", { n: restored }));
  drain();
}
