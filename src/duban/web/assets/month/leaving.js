// The page is left: as a report, or with something still unsent.
import { air } from "./files.js";
import { input, one, reveal, rows, words } from "./page.js";
import { leave, stay, token } from "./post.js";
import { clashing, queue, refused } from "./queue.js";
import { anew, drain, evidence, remark } from "./sending.js";

const STAYED = 5_000;
let sent = false;

const waiting = () => queue.size || evidence.waiting;

// First everything typed reaches the office, then it is made a report.
one("#month-send").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sent) return;
  const form = event.target;
  const part = event.submitter?.value;
  await air.landed;
  await drain();
  if (waiting()) return refuse();
  if (part) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "programme", value: part }));
  form.elements.csrfmiddlewaretoken.value = token();
  sent = true;
  form.submit();
});

function refuse() {
  remark(words(clashing.size ? "Clash" : "NotYet"));
  const first = rows.get([...clashing, ...refused, ...queue.keys()].find((key) => rows.has(key)));
  if (!first) return;
  reveal(first);
  input(first).focus();
}

// Who is still here after a while has stayed, or only fetched a file.
addEventListener("beforeunload", (event) => {
  if (sent) return;
  if (waiting() || air.flying) event.preventDefault();
  leave();
  setTimeout(() => {
    stay();
    drain();
  }, STAYED);
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && waiting()) drain();
});
addEventListener("online", anew);

// A page that comes back from the browser's memory may be older than what the office keeps.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
