// The chat window of every page: loaded at the first click on the launcher (launcher.js). Its contents are the chat's own pages as
// fragments (`?panel=1`); forms and links inside it stay inside it.

const make = (tag, className) => Object.assign(document.createElement(tag), { className });
const fill = (words, values) => (words || "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

export class ChatWindow {
  constructor(launcher) {
    this.launcher = launcher;
    this.words = launcher.dataset;
    this.box = make("div", "chat-window");
    this.box.hidden = true;
    this.box.setAttribute("role", "dialog");
    this.box.setAttribute("aria-label", this.words.title);
    document.body.append(this.box);
    this.box.addEventListener("click", (event) => this.clicked(event));
    this.box.addEventListener("submit", (event) => this.sent(event));
    this.box.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    this.box.addEventListener("chat-unread", (event) => this.badge(event.detail));
    this.box.addEventListener("chat-gone", () => this.load(this.words.start));
  }

  get isOpen() { return !this.box.hidden; }

  async open(url) {
    this.box.hidden = false;
    this.launcher.setAttribute("aria-expanded", "true");
    this.launcher.classList.add("is-open");
    if (!this.box.childElementCount || url) await this.load(url || this.words.start);
    this.box.querySelector("hearth-chat")?.toEnd?.();
    (this.box.querySelector("[data-composer] textarea") || this.box.querySelector("textarea, .chat-title"))?.focus();
    this.box.querySelector("hearth-chat")?.readAlong?.();
  }

  close() {
    this.box.hidden = true;
    this.launcher.setAttribute("aria-expanded", "false");
    this.launcher.classList.remove("is-open");
    this.launcher.focus();
  }

  /** Load a chat that is going on without showing it, so that its messages are counted. */
  async follow(url) { await this.load(url); }

  badge(number) {
    const place = this.launcher.querySelector("[data-count]");
    place.hidden = !number;
    place.textContent = number ? fill(this.words.unread, { count: number }) : "";
  }

  async load(url, options = {}) {
    const address = new URL(url, location.href);
    if (!options.body) address.searchParams.set("panel", "1");
    this.box.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" }, ...options });
      const end = new URL(answer.url);
      if (end.searchParams.get("panel") !== "1" && !options.body && !/\/chat\//.test(end.pathname)) { location.assign(end.pathname); return; }
      this.show(await answer.text());
    } catch { this.broken(); }
    this.box.removeAttribute("aria-busy");
  }

  show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const scripts = [...page.querySelectorAll("script[src]")].map((script) => script.getAttribute("src"));
    for (const script of page.querySelectorAll("script")) script.remove();
    this.box.replaceChildren(...[...page.body.children].map((node) => document.importNode(node, true)));
    for (const source of scripts) import(source);
    globalThis.htmx?.process(this.box);
    (this.box.querySelector("[data-error-summary]") || this.box.querySelector("#asked"))?.focus();
  }

  broken() {
    const line = make("p", "chat-broken"), link = make("a", "btn quiet");
    line.setAttribute("role", "alert");
    line.textContent = this.words.broken;
    link.href = this.words.start;
    link.textContent = this.words.page;
    const close = make("button", "btn text");
    close.type = "button";
    close.textContent = this.words.close;
    close.dataset.chatClose = "";
    this.box.replaceChildren(line, link, close);
  }

  clicked(event) {
    if (event.target.closest("[data-chat-close]")) { this.close(); return; }
    const link = event.target.closest("a[data-chat-link]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.load(link.href).then(() => this.box.querySelector("textarea, .chat-title")?.focus());
  }

  sent(event) {
    const form = event.target.closest("form[data-chat-form]");
    if (!form) return;
    event.preventDefault();
    if (event.submitter?.formAction && event.submitter.hasAttribute("formaction")) { this.leave(form, event.submitter); return; }
    const button = event.submitter || form.querySelector("button");
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    const data = new FormData(form, event.submitter);
    this.load(form.action, { method: "POST", body: data }).then(() => {
      if (!this.box.querySelector("[data-error-summary], #asked")) (this.box.querySelector("[data-composer] textarea") || this.box.querySelector(".chat-title"))?.focus();
    });
  }

  /** A button with an address of its own (“This solved it”) leaves the window. */
  leave(form, button) { form.removeAttribute("data-chat-form"); form.requestSubmit(button); }
}
