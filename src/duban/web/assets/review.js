// Reading reports by the keyboard: keys of the page, a list to walk along, lines to select.

const visible = (element) => element.offsetParent !== null || element.getClientRects().length > 0;

// a, r, j, k: whatever on the page carries the key. A summary opens and hands the focus on; all else is pressed.
function pressed(key) {
  const target = document.querySelector(`[data-hotkey="${CSS.escape(key)}"]`);
  if (!target || !visible(target)) return false;
  if (target.tagName === "SUMMARY") {
    target.parentElement.open = true;
    target.parentElement.querySelector("input:not([type=hidden]), textarea")?.focus();
  } else {
    target.click();
  }
  return true;
}

// j and k walk along the rows of a list, x selects the one that has the focus.
function walked(key) {
  const list = document.querySelector("[data-walk]");
  if (!list || !["j", "k", "x"].includes(key)) return;
  const links = [...list.querySelectorAll("tbody th a")];
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  if (key === "x") {
    if (here >= 0) links[here].closest("tr").querySelector("[data-pick]")?.click();
    return;
  }
  const next = here < 0 ? 0 : Math.min(Math.max(here + (key === "j" ? 1 : -1), 0), links.length - 1);
  links[next]?.focus();
}

document.addEventListener("duban:key", (event) => {
  if (!pressed(event.detail)) walked(event.detail);
});

// Selecting: the head's box selects the page, shift selects up to where one last was.
let last = null;
const picks = (form) => [...form.querySelectorAll("[data-pick]")];

function count(form) {
  const all = picks(form);
  const picked = all.filter((pick) => pick.checked).length;
  for (const output of form.querySelectorAll("[data-pick-count]")) output.textContent = String(picked);
  for (const head of form.querySelectorAll("[data-pick-all]")) {
    head.checked = all.length > 0 && picked === all.length;
    head.indeterminate = picked > 0 && picked < all.length;
  }
}

document.addEventListener("click", (event) => {
  const pick = event.target;
  if (pick instanceof HTMLInputElement && pick.matches("[data-pick-all]")) {
    for (const one of picks(pick.form)) one.checked = pick.checked;
    count(pick.form);
  } else if (pick instanceof HTMLInputElement && pick.matches("[data-pick]")) {
    const all = picks(pick.form);
    if (event.shiftKey && last && last.form === pick.form) {
      const [from, to] = [all.indexOf(last), all.indexOf(pick)].sort((a, b) => a - b);
      for (const one of all.slice(from, to + 1)) one.checked = pick.checked;
    }
    last = pick;
    count(pick.form);
  } else if (event.target.closest?.("[data-print]")) {
    print();
  }
});

// A browser that comes back to a page keeps its ticks.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form")) if (form.querySelector("[data-pick]")) count(form);
});
