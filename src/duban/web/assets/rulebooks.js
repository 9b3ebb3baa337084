// The editor of a rulebook: what an address names is opened, and stays open when the fields are written anew.

const parts = () => document.querySelectorAll(".rule-part[id]");

function aimed() {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  if (!target?.matches(".rule-part")) return;
  target.open = true;
  target.scrollIntoView();
}

if (document.querySelector(".rule-editor")) {
  addEventListener("hashchange", aimed);
  aimed();
  let open = [];
  document.addEventListener("htmx:beforeSwap", () => {
    open = [...parts()].filter((part) => part.open).map((part) => part.id);
    if (document.getElementById("rule-effective")?.open) open.push("rule-effective");
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of open) {
      const part = document.getElementById(id);
      if (part) part.open = true;
    }
  });
}
