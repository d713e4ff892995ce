// Small helpers of every page: display switches, announcements, error summary, kept forms, votes, steps, share, reading time, timers.

const store = (area) => ({
  get: (key) => { try { return area().getItem(key); } catch { return null; } },
  set: (key, value) => { try { area().setItem(key, value); } catch { /* storage is full or forbidden: nothing is kept */ } },
  drop: (key) => { try { area().removeItem(key); } catch { /* as above */ } },
});
const kept = store(() => localStorage), session = store(() => sessionStorage);
const fill = (words, values) => (words || "").replace(/\{(\w+)\}/g, (_, key) => values[key]);
const token = () => document.querySelector('meta[name="csrf-token"]')?.content || "";
const year = 60 * 60 * 24 * 365;

// htmx sends the CSRF token of the page with every request.
document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = token(); });

// --- Text size and colours: the cookie lets the server render them; the switch acts at once -----------------------
const show = (kind, value) => {
  const root = document.documentElement;
  if (value === "normal" || value === "auto") delete root.dataset[kind]; else root.dataset[kind] = value;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `hearth_${kind}=${value};path=/;max-age=${year};samesite=lax${secure}`;
  for (const form of document.querySelectorAll(`form[data-display="${kind}"]`)) {
    for (const button of form.querySelectorAll(`button[name="${kind}"]`)) {
      if (kind === "text") {
        button.value = value === "large" ? "normal" : "large";
        button.setAttribute("aria-pressed", String(value === "large"));
      } else button.setAttribute("aria-pressed", String(button.value === value));
    }
  }
};
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-display]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  show(form.dataset.display, event.submitter.value);
});

// --- Announcements: closed ones stay closed in this browser ---------------------------------------------------------
for (const strip of document.querySelectorAll("[data-dismiss]")) {
  const key = `hearth-closed:${strip.dataset.dismiss}`, button = strip.querySelector(".close");
  if (kept.get(key)) { strip.remove(); continue; }
  if (!button) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    kept.set(key, "1");
    strip.remove();
    document.getElementById("main")?.focus();
  });
}

// --- Errors: the focus goes to the summary, its links to the fields -------------------------------------------------
const focusSummary = (root) => root.querySelector?.('[data-error-summary]:not([data-error-summary="still"])')?.focus();
focusSummary(document);
document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.target));
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a[href^='#']");
  if (!link) return;
  const target = document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  const field = target.matches("input, select, textarea") ? target : target.querySelector("input:not([type=hidden]), select, textarea") || target;
  target.closest(".field")?.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});

// --- Dialogs ---------------------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
  const closer = event.target.closest("[data-close-dialog]");
  if (closer) closer.closest("dialog")?.close();
  for (const open of document.querySelectorAll("details[data-menu][open], .desk-user[open]")) if (!open.contains(event.target)) open.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details[data-menu][open], .desk-user[open]")) { open.open = false; open.querySelector("summary")?.focus(); }
});

// --- Toasts: only for good news that may be missed -------------------------------------------------------------------
const toast = (words) => {
  const region = document.getElementById("toasts");
  if (!region) return;
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = words;
  region.replaceChildren(line);
  setTimeout(() => line.remove(), 4000);
};

// --- <hearth-form-keep>: what was typed survives a reload; one press, one submit ---------------------------------------
class FormKeep extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    if (!this.form) return;
    this.key = `hearth-form:${this.dataset.key || location.pathname}`;
    if (this.dataset.done !== undefined) session.drop(this.key);
    else this.restore();
    this.form.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.keep(), 250); });
    this.form.addEventListener("submit", (event) => this.guard(event));
    addEventListener("pageshow", (event) => { if (event.persisted) this.free(); });
  }
  fields() {
    return [...this.form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type) && !field.closest("[data-not-kept]"));
  }
  keep() {
    const values = this.fields().map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? [field.value, field.checked] : field.value]);
    session.set(this.key, JSON.stringify(values));
  }
  restore() {
    let values;
    try { values = JSON.parse(session.get(this.key) || "[]"); } catch { return; }
    if (this.form.querySelector("[aria-invalid], .error")) return; // the server's answer already carries what was typed
    const fields = this.fields();
    for (const [name, value] of values) {
      for (const field of fields.filter((candidate) => candidate.name === name)) {
        if (Array.isArray(value)) { if (field.value === value[0]) field.checked = value[1]; }
        else if (!field.value) field.value = value;
      }
    }
  }
  guard(event) {
    if (event.defaultPrevented) return;
    if (this.sending) { event.preventDefault(); return; }
    this.keep();
    this.sending = true;
    const button = event.submitter || this.form.querySelector("button:not([type=button])");
    button?.setAttribute("aria-busy", "true");
    this.timeout = setTimeout(() => this.free(), 15000); // a lost connection must not lock the form
  }
  free() {
    this.sending = false;
    clearTimeout(this.timeout);
    this.form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
}

// A page that says "it arrived" clears the form it came from: <meta name="hearth-sent" content="key">.
for (const sent of document.querySelectorAll('meta[name="hearth-sent"]')) session.drop(`hearth-form:${sent.content}`);

// --- <hearth-vote>: asked once in this browser; after the answer has come in, the focus follows it ------------------------------------------------
class Vote extends HTMLElement {
  connectedCallback() {
    const { key, state, again } = this.dataset, mark = `hearth-voted:${key}`;
    if (key && state !== "ask") kept.set(mark, "1");
    else if (key && kept.get(mark) && !this.querySelector(".error")) this.thank(again);
    if (!Vote.answered) return;
    Vote.answered = false;
    this.querySelector(".vote")?.focus();
  }
  thank(words) {
    const title = this.querySelector("h2"), form = this.querySelector("form");
    if (!title || !form) return;
    title.classList.add("good");
    title.textContent = words;
    form.replaceWith(title);
  }
}
document.addEventListener("htmx:beforeSwap", (event) => { if (event.target.closest?.("hearth-vote")) Vote.answered = true; });

// --- A form that htmx sends and that did not arrive says so; what was typed stays ---------------------------------------
const missed = (event) => {
  const form = event.detail?.elt?.closest?.("form[hx-post]"), words = document.getElementById("toasts")?.dataset.missed;
  if (!form || !words) return;
  const line = form.querySelector(".missed") || form.appendChild(document.createElement("p"));
  line.className = "error missed full";
  line.role = "alert";
  line.textContent = words;
};
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, missed);
document.addEventListener("htmx:beforeRequest", (event) => event.target.querySelector?.(".missed")?.remove());

// --- <hearth-steps>: ticks of a guide, kept in this browser ------------------------------------------------------------
class Steps extends HTMLElement {
  connectedCallback() {
    this.key = `hearth-steps:${this.dataset.key || location.pathname}`;
    const done = new Set((kept.get(this.key) || "").split(",").filter(Boolean));
    for (const box of this.querySelectorAll("input[data-step]")) if (done.has(box.dataset.step)) box.checked = true;
    this.addEventListener("change", () => {
      const ticked = [...this.querySelectorAll("input[data-step]:checked")].map((box) => box.dataset.step);
      if (ticked.length) kept.set(this.key, ticked.join(",")); else kept.drop(this.key);
    });
  }
}

// --- <hearth-share>: print, copy the link, share ------------------------------------------------------------------------------
class Share extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    const address = this.dataset.url ? new URL(this.dataset.url, location.href).href : location.href.split("#")[0];
    const share = this.querySelector("[data-share]");
    if (share && navigator.share) {
      share.hidden = false;
      share.addEventListener("click", () => navigator.share({ title: document.title, url: address }).catch(() => { /* closed without sharing */ }));
    }
    this.querySelector("[data-copy]")?.addEventListener("click", async (event) => {
      try { await navigator.clipboard.writeText(address); toast(this.dataset.copied); }
      catch {
        const words = event.target.closest("button").querySelector("span");
        if (words) words.textContent = this.dataset.failed;
      }
    });
  }
}
document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });

// --- <hearth-reading url>: tells how long a page was really looked at (visible and in focus), and up to which step -----
// What is sent: seconds, the number and title of the furthest step, the page's key and the search that led here. Nothing about the person.
class Reading extends HTMLElement {
  connectedCallback() {
    this.seen = 0;
    this.told = 0;
    this.step = 0;
    this.marks = (this.dataset.marks || "1,5,15,30,60,120,300").split(",").map(Number);
    this.clock = setInterval(() => this.tick(), 1000);
    this.leave = () => { if (document.visibilityState === "hidden" && this.seen > this.told) this.send(); };
    addEventListener("visibilitychange", this.leave);
    this.steps = [...document.querySelectorAll("main li.step")];
    this.watch = new IntersectionObserver((entries) => entries.forEach((entry) => this.reach(entry)), { rootMargin: "0px 0px -35% 0px" });
    this.steps.forEach((step) => this.watch.observe(step));
  }
  disconnectedCallback() { clearInterval(this.clock); removeEventListener("visibilitychange", this.leave); this.watch.disconnect(); }
  reach(entry) {
    const number = this.steps.indexOf(entry.target) + 1;
    if (!entry.isIntersecting || number <= this.step) return;
    this.step = number;
    this.dataset.step = String(number);
    this.dataset.reached = (entry.target.querySelector("h3")?.textContent || "").trim().slice(0, 80);
  }
  tick() {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    this.seen += 1;
    if (!this.marks.length || this.seen < this.marks[0]) return;
    this.marks.shift();
    this.send();
  }
  send() {
    const data = new FormData();
    this.told = this.seen;
    data.set("seconds", String(this.seen));
    data.set("csrfmiddlewaretoken", token());
    for (const [name, value] of Object.entries(this.dataset)) if (name !== "marks") data.set(name, value);
    navigator.sendBeacon(this.getAttribute("url"), data);
  }
}

// --- <hearth-sla-timer data-due>: counts down in words, shape and colour ---------------------------------------------
class SlaTimer extends HTMLElement {
  connectedCallback() {
    if (!this.dataset.due) return;
    this.due = Date.parse(this.dataset.due);
    this.show();
    this.clock = setInterval(() => this.show(), 15000);
  }
  disconnectedCallback() { clearInterval(this.clock); }
  show() {
    const left = this.due - Date.now(), minutes = Math.floor(Math.abs(left) / 60000);
    const d = Math.floor(minutes / 1440), h = Math.floor(minutes / 60) % 24, m = minutes % 60;
    const kind = `${left < 0 ? "over" : "left"}${d ? "Dh" : h ? "Hm" : "M"}`;
    const tag = this.querySelector(".tag");
    const words = fill(this.dataset[kind], { d, h, m });
    if (!tag || !words) return;
    if (tag.textContent !== words) tag.textContent = words;
    tag.dataset.tone = left < 0 ? "danger" : left <= 1800000 ? "care" : "good";
  }
}

// --- One file that is sent as soon as it is chosen: an own button in the page's language --------------------------------
for (const form of document.querySelectorAll("form[data-pick-send]")) {
  const input = form.querySelector('input[type="file"]'), pick = form.querySelector("[data-pick]"), send = form.querySelector("[data-send]");
  input.classList.add("vh");
  input.tabIndex = -1;
  send.hidden = true;
  pick.hidden = false;
  pick.addEventListener("click", () => input.click());
  input.addEventListener("change", () => { if (input.files.length) { pick.setAttribute("aria-busy", "true"); form.requestSubmit(send); } });
}

// --- Contents list: marks the section one reads ------------------------------------------------------------------------
for (const list of document.querySelectorAll("[data-spy]")) {
  const links = new Map([...list.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-80px 0px -70% 0px" });
  for (const id of links.keys()) { const target = document.getElementById(id); if (target) watch.observe(target); }
}

for (const [name, element] of [["hearth-form-keep", FormKeep], ["hearth-vote", Vote], ["hearth-steps", Steps], ["hearth-share", Share], ["hearth-reading", Reading], ["hearth-sla-timer", SlaTimer]]) {
  if (!customElements.get(name)) customElements.define(name, element);
}
