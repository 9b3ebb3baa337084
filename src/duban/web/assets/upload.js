// Sending in files: a file may be dropped anywhere on the form, one that is too large is told before it travels, and how far
// reading has come is said aloud only when the words change.

const form = document.querySelector("[data-upload]");
if (form) {
  const input = form.querySelector("[type=file]");
  const fault = form.querySelector("[role=alert]");
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const judge = () => {
    const large = [...input.files].filter((file) => file.size > form.dataset.largest * 1024 * 1024);
    const words = large.map((file) => `${file.name}: ${form.dataset.wordsLarge}`).join("; ");
    fault.textContent = words;
    fault.hidden = !words;
    input.setCustomValidity(words);
  };
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      form.classList.add("over");
    });
  }
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) form.classList.remove("over");
  });
  form.addEventListener("drop", (event) => {
    form.classList.remove("over");
    if (!carries(event)) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    judge();
    button.focus();
  });
  input.addEventListener("change", judge);
  const button = form.querySelector("button");
  const words = button.querySelector("span");
  const calm = words.textContent;
  let travelling = false;
  form.addEventListener("submit", (event) => {
    if (travelling) event.preventDefault();
    travelling = true;
    button.setAttribute("aria-disabled", "true");
    words.textContent = form.dataset.wordsSending;
  });
  window.addEventListener("pageshow", () => {
    travelling = false;
    button.removeAttribute("aria-disabled");
    words.textContent = calm;
  });
  judge();
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "upload") return;
  const said = document.getElementById("upload-says");
  const says = event.detail.target.querySelector("[data-says]")?.dataset.says ?? "";
  if (said.textContent !== says) said.textContent = says;
});
