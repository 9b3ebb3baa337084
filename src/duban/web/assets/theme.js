// Runs before the page is painted, so that nobody who chose the dark sees a flash of white.
const KEY = "duban.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function apply() {
  const theme = chosen();
  const root = document.documentElement;
  root.dataset.bsTheme = theme === "dark" || theme === "light" ? theme : dark.matches ? "dark" : "light";
  root.dataset.themeChoice = theme ?? "system";
}

apply();
dark.addEventListener("change", apply);
document.addEventListener("duban:theme", (event) => {
  try {
    if (event.detail === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, event.detail);
  } catch {
    // A browser without storage keeps the choice for this page only.
  }
  apply();
});
