// <hearth-upload>: files with progress, removal and plain errors. Around components/upload.html; without it the input is an ordinary one.

const MEGA = 1024 * 1024;
const LIMITS = [[/^(image\/(jpeg|png|webp|heic|heif)|application\/pdf)$/, 10], [/^video\/(mp4|quicktime)$/, 25]];
const BY_NAME = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", heic: "image/heic", heif: "image/heif", pdf: "application/pdf", mp4: "video/mp4", mov: "video/quicktime" };
const fill = (words, values) => (words || "").replace(/\{(\w+)\}/g, (_, key) => values[key]);
const size = (bytes) => (bytes >= MEGA ? `${(bytes / MEGA).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`);
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};

class Upload extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector('input[type="file"]');
    this.list = this.querySelector("ul");
    this.status = this.querySelector('[role="status"]');
    if (!this.input || !this.list) return;
    this.max = Number(this.dataset.max) || 5;
    this.waiting = new Map();
    this.kept = new DataTransfer();
    for (const item of this.list.querySelectorAll("[data-remove-file]")) { item.hidden = false; item.addEventListener("click", () => this.drop(item.closest("li"))); }
    this.buttons();
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    this.addEventListener("dragover", (event) => { event.preventDefault(); this.classList.add("over"); });
    this.addEventListener("dragleave", () => this.classList.remove("over"));
    this.addEventListener("drop", (event) => { event.preventDefault(); this.classList.remove("over"); this.take([...event.dataTransfer.files]); });
    this.closest("form")?.addEventListener("submit", (event) => this.hold(event), { capture: true });
  }

  /** Own buttons in the page's language; the camera one only where there is a touch screen. */
  buttons() {
    const pick = this.querySelector("[data-pick]");
    if (!pick) return;
    pick.hidden = false;
    this.input.classList.add("vh");
    this.input.tabIndex = -1;
    this.pick = pick.querySelector("[data-pick-files]");
    this.pick.addEventListener("click", () => this.input.click());
    const camera = pick.querySelector("[data-pick-camera]");
    camera.hidden = !matchMedia("(pointer: coarse)").matches;
    camera.addEventListener("click", () => {
      this.input.setAttribute("capture", "environment");
      this.input.click();
      this.input.removeAttribute("capture");
    });
  }

  say(words) { this.status.textContent = words; }

  hold(event) {
    if (!this.waiting.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const line = this.querySelector(".upload-busy") || this.insertBefore(make("p", "error upload-busy"), this.list.nextSibling);
    line.textContent = this.dataset.busy;
    line.tabIndex = -1;
    line.focus();
  }

  problem(file) {
    const type = file.type || BY_NAME[file.name.split(".").pop().toLowerCase()] || "";
    const limit = LIMITS.find(([pattern]) => pattern.test(type))?.[1];
    if (!limit) return this.dataset.wrongType;
    if (file.size > limit * MEGA) return fill(this.dataset.tooBig, { size: size(file.size), limit });
    return "";
  }

  take(files) {
    if (!this.dataset.url) this.kept = new DataTransfer();
    for (const file of files) {
      const rows = this.list.querySelectorAll("li.file:not(.bad)").length;
      const problem = rows >= this.max ? fill(this.dataset.tooMany, { max: this.max }) : this.problem(file);
      const row = this.row(file, problem);
      if (problem) this.say(`${file.name}: ${problem}`);
      else if (this.dataset.url) this.send(file, row);
      else { this.kept.items.add(file); row.file = file; this.state(row, fill(this.dataset.chosen, { size: size(file.size) }), "muted"); }
    }
    if (this.dataset.url) this.input.value = "";
    else this.input.files = this.kept.files;
  }

  row(file, problem) {
    if (!this.dataset.url && !problem) for (const old of this.list.querySelectorAll("li.file")) if (old.file && ![...this.kept.files].includes(old.file)) old.remove();
    const row = make("li", problem ? "file bad" : "file");
    const picture = file.type.startsWith("image/") && !/hei[cf]/.test(file.type) && !problem ? make("img") : make("span", "ph");
    if (picture.tagName === "IMG") { picture.alt = ""; picture.src = URL.createObjectURL(file); picture.onload = () => URL.revokeObjectURL(picture.src); }
    else picture.innerHTML = `<svg class="i i-l" aria-hidden="true"><use href="${this.dataset.icon}#i-${file.type.startsWith("video/") ? "play" : "file"}"/></svg>`;
    const text = make("div");
    text.append(make("p", "name", file.name), make("p", problem ? "error small" : "small muted", problem));
    const button = make("button", "btn text s", this.dataset.remove);
    button.type = "button";
    button.append(make("span", "vh", ` ${file.name}`));
    button.addEventListener("click", () => this.drop(row));
    row.append(picture, text, button);
    this.list.append(row);
    return row;
  }

  state(row, words, className) {
    const line = row.querySelector(".name").nextElementSibling;
    line.className = `small ${className}`;
    line.textContent = words;
  }

  send(file, row) {
    const request = new XMLHttpRequest(), body = new FormData(), bar = make("span", "bar");
    body.set("file", file, file.name);
    for (const [name, value] of [["role", "progressbar"], ["aria-valuemin", "0"], ["aria-valuemax", "100"], ["aria-label", file.name]]) bar.setAttribute(name, value);
    row.querySelector("div").append(bar);
    this.waiting.set(row, request);
    this.state(row, fill(this.dataset.sending, { percent: 0 }), "muted");
    request.upload.onprogress = (event) => {
      const percent = event.lengthComputable ? Math.round((event.loaded / event.total) * 100) : 0;
      bar.style.setProperty("--v", `${percent}%`);
      bar.setAttribute("aria-valuenow", percent);
      this.state(row, fill(this.dataset.sending, { percent }), "muted");
    };
    request.onerror = () => this.fail(row, this.dataset.failed);
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* a page instead of an answer: told below */ }
      if (request.status >= 300 || !answer.reference) { this.fail(row, answer.error || this.dataset.failed); return; }
      bar.remove();
      this.waiting.delete(row);
      this.querySelector(".upload-busy")?.remove();
      const field = make("input");
      Object.assign(field, { type: "hidden", name: this.dataset.refs, value: answer.reference });
      row.append(field);
      row.dataset.reference = answer.reference;
      const words = fill(this.dataset.sent, { size: answer.size_text || size(file.size) });
      this.state(row, words, "good");
      this.say(`${file.name}: ${words}`);
    };
    request.open("POST", this.dataset.url);
    request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]')?.content || "");
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  }

  fail(row, words) {
    this.waiting.delete(row);
    this.querySelector(".upload-busy")?.remove();
    row.classList.add("bad");
    row.querySelector(".bar")?.remove();
    this.state(row, words, "error");
    this.say(words);
  }

  drop(row) {
    this.waiting.get(row)?.abort();
    this.waiting.delete(row);
    const name = row.querySelector(".name").textContent;
    if (row.file) {
      const rest = new DataTransfer();
      for (const file of this.kept.files) if (file !== row.file) rest.items.add(file);
      this.kept = rest;
      this.input.files = rest.files;
    }
    if (row.dataset.reference && this.dataset.removeUrl) {
      const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content || "" };
      fetch(this.dataset.removeUrl.replace("REF", row.dataset.reference), { method: "POST", headers }).catch(() => { /* swept later by the server */ });
    }
    row.remove();
    this.say(fill(this.dataset.removed, { name }));
    (this.pick || this.input).focus();
  }
}

if (!customElements.get("hearth-upload")) customElements.define("hearth-upload", Upload);
