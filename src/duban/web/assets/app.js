import htmx from "htmx.org";
import "./upload.js";
import "./review.js";
import "./rulebooks.js";

window.htmx = htmx;

const opened = (id) => document.getElementById(id);
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

// The sheet: whatever lands in it opens it; the browser gives the focus back when it closes.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "sheet-body") return;
  const sheet = opened("sheet");
  const title = sheet.querySelector("h1, h2");
  if (title) sheet.setAttribute("aria-label", title.textContent.trim());
  if (!sheet.open) sheet.showModal();
  sheet.querySelector(".sheet-body").scrollTop = 0;
});

document.addEventListener("click", (event) => {
  const target = event.target;
  if (target instanceof HTMLDialogElement && target.open) {
    const box = target.getBoundingClientRect();
    const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (outside) target.close();
  }
  const opener = target.closest("[data-open]");
  if (opener) opened(opener.dataset.open)?.showModal();
  const theme = target.closest("[data-theme]");
  if (theme) {
    document.dispatchEvent(new CustomEvent("duban:theme", { detail: theme.dataset.theme }));
    theme.closest("details")?.removeAttribute("open");
  }
  const facet = target.closest("[data-sets]");
  if (facet) opened(facet.dataset.sets).value = facet.dataset.value;
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(target)) menu.removeAttribute("open");
});

// What must not happen by a slip of the finger asks once more, in the words of the page.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// Keys: / searches, ? shows them all, g and a letter goes somewhere.
let went = 0;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    }
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  } else if (event.key === "?") {
    opened("keys")?.showModal();
  } else if (event.key === "g") {
    went = Date.now();
  } else if (Date.now() - went < 1500) {
    const link = document.querySelector(`a[data-key="g${CSS.escape(event.key)}"]`);
    if (link) link.click();
    went = 0;
  } else {
    document.dispatchEvent(new CustomEvent("duban:key", { detail: event.key }));
  }
});

document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => event.detail.target?.removeAttribute("aria-busy"));
// An error's page belongs to the whole window, not to a part of it.
document.addEventListener("htmx:responseError", (event) => {
  const link = event.detail.elt.getAttribute("href");
  if (link) location.assign(link);
});
