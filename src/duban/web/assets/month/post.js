// The way to the office and back.
import { facts, one, words } from "./page.js";

const PATIENCE = 30_000;
const underWay = new Set();
let gone = false;

// A page on its way out sends nothing more and takes no answer: the next one may have been written before it. What is under
// way stays on this device, and the next page sends it again.
export function leave() {
  gone = true;
  for (const each of underWay) each.abort();
}

export function stay() {
  gone = false;
}

export const leaving = () => gone;

const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
export const token = () => cookie("csrftoken") || one("#month-send [name=csrfmiddlewaretoken]").value;

async function asked(address, body) {
  const turn = new AbortController();
  const late = setTimeout(() => turn.abort(), PATIENCE);
  underWay.add(turn);
  try {
    const headers = { "X-CSRFToken": token(), Accept: "application/json" };
    const answer = await fetch(address, { method: "POST", body, redirect: "manual", headers, signal: turn.signal });
    const readable = answer.headers.get("content-type")?.startsWith("application/json");
    return { answer, told: readable ? await answer.json() : { wrong: words("Closed") } };
  } finally {
    clearTimeout(late);
    underWay.delete(turn);
  }
}

export async function post(address, form) {
  const body = new FormData();
  for (const [name, value] of Object.entries({ user: facts.user, body: facts.body, period: facts.period, unit: facts.unit, ...form })) {
    for (const each of [value].flat()) body.append(name, each);
  }
  const { answer, told } = await asked(address, body);
  if (answer.type === "opaqueredirect") throw Object.assign(new Error(), { trouble: "SignedOut" });
  if (answer.status >= 500) throw Object.assign(new Error(), { trouble: "Broken" });
  if (told.code === "another-user") throw Object.assign(new Error(), { trouble: "OtherUser" });
  return { ok: answer.ok, ...told };
}

// Files travel by XMLHttpRequest, which alone tells how far they have come.
export function sendFile(record, tellPart) {
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
    underWay.add(request);
    request.onloadend = () => underWay.delete(request);
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
