// <hearth-search>: suggestions while typing, as a combobox. Around components/search_form.html; without it the form still works.

const HAN = /\p{Script=Han}/u;
const CODE = /^(?=.*\d)[a-z]{0,4}[\s-]*\d{1,4}[a-z]?$/i; // E2, e-02, F4, 12E: worth asking at once
const PAUSE = 120;
const AGAIN = 1500; // a request that failed is sent once more after this pause

const LETTERS = /^[a-z]{2}$/i; // Ub, CL, dO: only the server knows whether it is a code

/** Is there enough typed to ask for suggestions? Two Han or three other characters, or something like a code. */
export const enough = (text) => {
  const plain = text.normalize("NFKC").trim();
  if (!plain) return false;
  if (CODE.test(plain) || LETTERS.test(plain)) return true;
  return HAN.test(plain) ? [...plain].length >= 2 : [...plain].length >= 3;
};

class Search extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form[data-suggest]");
    this.input = this.form?.querySelector('input[name="q"]');
    this.panel = this.form?.querySelector(".suggest");
    this.status = this.form?.querySelector('[role="status"]');
    if (!this.input || !this.panel || !this.form.dataset.suggest) return;
    this.cache = new Map();
    this.at = -1;
    this.options = [];
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": this.panel.id, "aria-autocomplete": "list" })) this.input.setAttribute(name, value);
    this.input.addEventListener("input", (event) => { if (!event.isComposing) this.later(); });
    this.input.addEventListener("compositionend", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => { if (this.options.length && this.shown === this.text()) this.open(); else if (this.owes()) this.later(); });
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.panel.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus in the field
    this.panel.addEventListener("click", (event) => { const option = event.target.closest('[role="option"]'); if (option) this.go(option); });
    addEventListener("online", () => { if (this.failed && this.atField()) this.later(); });
    if (this.atField() && this.owes()) this.later(); // typed before this script was here
  }

  atField() { return document.activeElement === this.input; }

  /** Was something typed that has no answer yet: before this script ran, or while the line was down? */
  owes() { return this.failed || (this.shown !== this.text() && this.text() !== this.input.defaultValue.trim()); }

  text() { return this.input.value.trim(); }

  later() {
    clearTimeout(this.timer);
    const text = this.text();
    if (!enough(text)) { this.request?.abort(); this.clear(); return; }
    this.timer = setTimeout(() => this.ask(text), PAUSE);
  }

  async ask(text, again = true) {
    this.request?.abort();
    this.failed = false;
    if (this.cache.has(text)) { this.show(text, this.cache.get(text)); return; }
    const request = this.request = new AbortController();
    const address = new URL(this.form.dataset.suggest, location.href);
    address.searchParams.set("q", text);
    const product = this.form.elements.product?.value;
    if (product) address.searchParams.set("product", product);
    try {
      const answer = await fetch(address, { signal: request.signal, headers: { Accept: "text/html", "X-Requested-With": "fetch" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (this.cache.size > 60) this.cache.delete(this.cache.keys().next().value);
      this.cache.set(text, html);
      if (text === this.text()) this.show(text, html);
    } catch (error) { // the form itself still works
      if (error.name === "AbortError") return;
      this.clear(); // what stands there belongs to other words
      this.failed = true;
      if (again) this.timer = setTimeout(() => { if (text === this.text()) this.ask(text, false); }, AGAIN);
    }
  }

  show(text, html) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    const list = parsed.querySelector('[role="listbox"]');
    if (list?.dataset.short !== undefined) { this.clear(); return; } // two letters that are no code: silence, not "nothing found"
    this.panel.replaceChildren(...(list ? [document.adoptNode(list)] : []));
    this.options = [...this.panel.querySelectorAll('[role="option"]')];
    this.options.forEach((option, index) => { option.id = `${this.panel.id}-${index}`; });
    if (list) { this.panel.firstElementChild.id = `${this.panel.id}-list`; this.input.setAttribute("aria-controls", `${this.panel.id}-list`); }
    this.shown = text;
    this.mark(-1);
    const found = this.options.filter((option) => !option.classList.contains("all")).length;
    const words = this.form.dataset;
    this.status.textContent = found === 0 ? words.saidNone : found === 1 ? words.saidOne : words.saidMany.replace("{count}", found);
    if (found) this.open(); else this.close();
  }

  open() { this.panel.hidden = false; this.input.setAttribute("aria-expanded", "true"); }
  close() { this.panel.hidden = true; this.input.setAttribute("aria-expanded", "false"); this.mark(-1); }
  clear() { this.options = []; this.panel.replaceChildren(); this.shown = ""; this.status.textContent = ""; this.close(); }

  mark(index) {
    this.at = index;
    this.options.forEach((option, position) => option.setAttribute("aria-selected", String(position === index)));
    const option = this.options[index];
    if (option) { this.input.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const last = this.options.length - 1, isOpen = !this.panel.hidden;
    if (event.key === "Escape") {
      if (isOpen) { event.preventDefault(); this.close(); }
      else if (this.input.value) { event.preventDefault(); this.input.value = ""; this.clear(); }
      return;
    }
    if (!this.options.length) return;
    const moves = { ArrowDown: this.at >= last ? 0 : this.at + 1, ArrowUp: this.at <= 0 ? last : this.at - 1 };
    if (isOpen && this.at >= 0) Object.assign(moves, { Home: 0, End: last });
    if (event.key in moves) {
      event.preventDefault();
      if (!isOpen) this.open();
      this.mark(moves[event.key]);
    } else if (event.key === "Enter" && isOpen && this.at >= 0) {
      event.preventDefault();
      this.go(this.options[this.at]);
    }
  }

  go(option) {
    const link = option.dataset.url || option.querySelector("a")?.href;
    if (link) location.assign(link);
  }
}

if (!customElements.get("hearth-search")) customElements.define("hearth-search", Search);

// --- Answers under a question: <div data-asks hx-get hx-trigger="…, ask">. A request that failed is sent again after a pause, and at once
// when the line is back, the form is touched or the page comes out of the browser's memory. -------------------------------------------
const PAUSES = [AGAIN, 5000];
const missing = new WeakMap(); // host → how often it failed since its last answer
const again = (host) => { if (host.isConnected) host.dispatchEvent(new CustomEvent("ask")); };
const failed = (event) => {
  const host = event.detail?.elt;
  if (!host?.matches?.("[data-asks]")) return;
  const times = missing.get(host) || 0;
  missing.set(host, times + 1);
  if (times < PAUSES.length && event.detail.xhr?.status !== 429) setTimeout(() => { if (missing.has(host)) again(host); }, PAUSES[times]);
};
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, failed);
document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail?.successful) missing.delete(event.detail.elt); });
const askAgain = (root) => { for (const host of root.querySelectorAll("[data-asks]")) if (missing.has(host)) { missing.set(host, 0); again(host); } };
addEventListener("online", () => askAgain(document));
addEventListener("pageshow", (event) => { if (event.persisted) askAgain(document); });
document.addEventListener("focusin", (event) => { const form = event.target.closest?.("form"); if (form) askAgain(form); });
