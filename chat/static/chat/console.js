// The agent's console: the list that stays fresh, and one chat over its own line with receipts, typing, notes and kept drafts.

import { part, renew, renewer } from "../portal/js/renew.js";
import { FORBIDDEN, SIGNED_OUT, signedOut } from "../portal/js/signed-out.js";
import { chime, controls, notice } from "./attention.js";
import { DeskLine } from "./desk-line.js";
import { fill, written } from "./drawing.js";
import { heed, showing } from "./presence.js";

const POLL = 20000, TYPING = 2500;
const make = (tag, attributes = {}, ...inside) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== "") element.setAttribute(name, value);
  element.append(...inside);
  return element;
};

// --- The list -----------------------------------------------------------------------------------------------------------
const list = document.querySelector("[data-chat-list]");
const title = document.title;
let here = 0; // unread in the chat that is open but not looked at
const retitle = () => {
  const box = list?.querySelector("[data-unread]");
  const news = here + Number(box?.dataset.unread || 0) + Number(box?.dataset.offers || 0);
  document.title = news ? `(${news}) ${title}` : title;
  const entry = document.querySelector('.desk-top a[href="/desk/chat/"]'), waiting = box?.dataset.waiting || "0";
  if (!entry || !box) return;
  entry.querySelector(".count")?.remove();
  if (waiting !== "0") entry.append(make("span", { class: "count" }, waiting));
};
const refreshList = list ? renewer(list, () => list.dataset.chatList, { done: () => { retitle(); controls(list); heed(); } }) : () => {};
document.addEventListener("hearth:desk-chat", (event) => {
  if (event.detail.type !== "viewers") refreshList();
});
document.addEventListener("hearth:desk-chat", async (event) => {
  const overview = event.detail.type !== "offer" && document.querySelector("[data-refresh]");
  if (!overview) return;
  const html = await part(location.href).catch(() => null);
  const fresh = html && new DOMParser().parseFromString(html, "text/html").querySelector("[data-refresh]");
  if (fresh) renew(overview, fresh);
});
setInterval(refreshList, POLL);
retitle();

controls();

document.addEventListener("keydown", (event) => {
  if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select") || document.querySelector("dialog[open]")) return;
  if (document.body.dataset.keys === "off") return;
  list?.querySelector(".qrow:has(.unread)")?.click();
});

// --- One chat -----------------------------------------------------------------------------------------------------------
class ChatDesk extends HTMLElement {
  connectedCallback() {
    const words = this.dataset;
    this.log = this.querySelector(".log");
    this.head = document.querySelector("[data-chat-head]");
    this.form = document.querySelector("[data-chat-reply]");
    this.text = this.form?.querySelector("textarea");
    this.receipts = { delivered: 0, read: 0 };
    this.seen = [words.status, words.agent, words.ticket].join("|"); // as the page was drawn
    this.line = new DeskLine({ key: words.key, last: Number(words.upto), language: document.documentElement.lang });
    const on = (type, handler) => this.line.addEventListener(type, (event) => handler(event.detail));
    on("link", ({ state }) => this.connection(state === "open"));
    on("gone", (code) => this.gone(code));
    on("message", (frame) => this.heard(frame));
    on("ack", (frame) => this.acknowledged(frame));
    on("refused", (frame) => this.refused(frame));
    on("receipt", (frame) => this.receipt(frame));
    on("state", (frame) => this.state(frame));
    on("typing", (frame) => this.typing(frame));
    on("note", (frame) => this.note(frame));
    on("presence", (frame) => this.visitor(frame.here));
    for (const item of this.line.outbox.all()) this.pending(item);
    document.addEventListener("submit", (event) => { if (event.target === this.form) this.submit(event); }, true);
    this.text?.addEventListener("keydown", (event) => this.key(event));
    this.text?.addEventListener("input", () => this.types());
    document.querySelector(".notewriter textarea")?.addEventListener("input", () => this.writes());
    document.addEventListener("visibilitychange", () => this.read());
    addEventListener("focus", () => this.read());
    document.addEventListener("hearth:desk-chat", (event) => {
      if (event.detail.type === "viewers" && event.detail.key === words.key) this.refreshHead();
    });
    showing(words.key, false);
    // Whoever reads the newest stays there when the writer or a picture takes room; whoever reads above is left alone.
    this.log.addEventListener("scroll", () => this.atEnd());
    new ResizeObserver(() => { if (this.nearEnd) this.down(); }).observe(this.log);
    this.down();
    this.read();
  }

  // Up
  submit(event) {
    const articles = [...this.form.querySelectorAll('input[name="article"]')], files = [...this.form.querySelectorAll('input[name="attachments"]')];
    const text = this.text.value.trim();
    if ([...this.form.querySelectorAll('input[type="file"]')].some((input) => input.files.length && !files.length)) return; // files that travel with the form
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!text && !articles.length && !files.length) { this.text.focus(); return; }
    if (text) this.pending(this.line.say({ text }));
    for (const input of articles) this.pending(this.line.say({ kind: "article", article: JSON.parse(input.value) }));
    for (const input of files) this.pending(this.line.say({ kind: "file", attachment: input.value }));
    for (const input of articles) input.closest("li")?.remove();
    for (const input of files) input.closest("li")?.remove();
    this.text.value = "";
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
    this.form.querySelector("details.writer-files[open]")?.removeAttribute("open");
    this.text.focus();
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (!this.form.querySelector("[data-canned-panel]").hidden) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  types() {
    this.writes();
    if (!this.text.value || (this.typed && Date.now() - this.typed < TYPING)) return;
    this.typed = Date.now();
    this.line.up({ type: "typing" });
  }

  writes() {
    showing(this.dataset.key, true);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => showing(this.dataset.key, false), 8000);
  }

  read() {
    if (document.hidden || !document.hasFocus()) return;
    here = 0;
    retitle();
    if (this.dataset.mine === "yes") this.line.up({ type: "receipt", kind: "read", upto: this.line.last });
  }

  // Down
  heard(frame) {
    const mine = this.log.querySelector(`[data-client="${CSS.escape(frame.client_id)}"]`);
    const atEnd = this.atEnd();
    const entry = this.entry(frame);
    if (mine) mine.replaceWith(entry); else this.log.append(entry);
    // Own words that are still on their way stay below what has a number.
    for (const waiting of this.log.querySelectorAll("[data-client]:not([data-seq])")) this.log.append(waiting);
    if (atEnd || frame.sender === "agent") this.down();
    if (frame.sender === "visitor") {
      this.typing(null);
      if (this.dataset.mine === "yes") this.line.up({ type: "receipt", kind: "delivered", upto: frame.seq });
      if (document.hidden || !document.hasFocus()) { here += 1; retitle(); this.call(frame); }
    }
    this.read();
    this.marks();
  }

  acknowledged(frame) {
    const waiting = this.log.querySelector(`[data-client="${CSS.escape(frame.client_id)}"]`);
    if (!waiting || waiting.dataset.seq) return;
    waiting.dataset.seq = frame.seq;
    waiting.classList.remove("pending");
    this.marks();
  }

  refused(frame) {
    const waiting = frame.client_id && this.log.querySelector(`[data-client="${CSS.escape(frame.client_id)}"]`);
    if (!waiting) return;
    waiting.classList.add("failed");
    const mark = waiting.querySelector(".mark");
    const again = make("button", { class: "btn text s", type: "button" }, this.dataset.again);
    again.addEventListener("click", () => { waiting.classList.remove("failed"); mark.textContent = this.dataset.sending; this.line.retry(frame.client_id); });
    mark.replaceChildren(`${this.dataset.failed} ${frame.text || frame.code} `, again);
  }

  receipt(frame) {
    if (frame.party !== "visitor") return;
    this.receipts = { delivered: frame.delivered, read: frame.read };
    this.marks();
  }

  /** Who has the chat decides what can be done here: when that changes the page is drawn anew, the draft is kept. */
  state(frame) {
    if (frame.receipts?.visitor) this.receipt({ party: "visitor", ...frame.receipts.visitor });
    const agent = frame.agent?.name || "", seen = `${frame.status}|${agent}|${frame.ticket?.reference || ""}`;
    if (seen !== this.seen) {
      const changed = frame.status !== this.seen.split("|")[0] || agent !== this.seen.split("|")[1];
      if (changed && !document.querySelector("dialog[open]")) { location.reload(); return; }
      this.refreshHead();
    }
    this.seen = seen;
  }

  typing(frame) {
    const line = document.querySelector("[data-typing]");
    clearTimeout(this.hush);
    line.textContent = "";
    if (!frame) return;
    line.textContent = frame.party === "visitor" ? this.dataset.typingWords : fill(this.dataset.agentTyping, { name: frame.name });
    this.hush = setTimeout(() => { line.textContent = ""; }, 4000);
  }

  note(frame) {
    if (this.log.querySelector(`[data-note="${frame.seq}"]`)) return;
    const about = make("p", {}, make("b", { class: "care-ink" }, this.icon("lock"), ` ${this.dataset.noteTitle}`), make("span", {}, ` ${frame.name ? `${frame.name}, ` : ""}`, this.time(frame.at)));
    const atEnd = this.atEnd();
    this.log.append(make("div", { class: "bubble note", "data-note": frame.seq }, about, make("p", {}, ...written(frame.text))));
    if (atEnd) this.down();
  }

  visitor(present = this.present) {
    this.present = present;
    const line = document.querySelector("[data-visitor-here]");
    if (line && present !== undefined) line.textContent = present ? this.dataset.here : this.dataset.gone;
  }

  /** The door is closed: what is being written stays in sight (hearth-form-keep keeps it over the sign-in, too). */
  gone(code) {
    if (code !== SIGNED_OUT && code !== FORBIDDEN) { location.reload(); return; }
    signedOut(code);
    for (const button of this.form?.querySelectorAll("button, input[type=file]") || []) button.disabled = true;
    if (this.text) this.text.readOnly = true;
  }

  connection(isOpen) {
    const line = document.querySelector("[data-link]");
    if (line) { line.hidden = isOpen; line.textContent = isOpen ? "" : this.dataset.lost; }
    const arrives = document.querySelector("[data-arrives]");
    if (arrives) arrives.hidden = !isOpen; // nothing arrives at once just now
    if (isOpen) this.read();
  }

  async refreshHead() {
    const html = await part(this.head.dataset.chatHead).catch(() => null);
    if (html === null) return;
    renew(this.head, html);
    this.visitor();
  }

  call(frame) {
    chime();
    notice(fill(this.dataset.new, { name: frame.name || this.dataset.visitor, text: frame.text || frame.data?.name || "" }), this.dataset.key);
  }

  // Drawing: the same forms as the server's
  pending(frame) {
    if (this.log.querySelector(`[data-client="${frame.client_id}"]`)) return;
    const data = frame.article || (frame.attachment ? { name: frame.attachment } : {});
    const entry = this.entry({ ...frame, sender: "agent", name: this.dataset.me, at: new Date().toISOString(), data, text: frame.text || "" });
    entry.classList.add("pending");
    delete entry.dataset.seq;
    entry.querySelector(".mark").textContent = this.dataset.sending;
    if (frame.failed) setTimeout(() => this.refused({ client_id: frame.client_id, text: frame.failed }));
    this.log.append(entry);
    this.down();
  }

  entry(frame) {
    if (frame.kind === "system") return make("p", { class: "bubble sys", "data-seq": frame.seq }, this.time(frame.at), ` ${frame.text}`);
    const me = frame.sender === "agent" ? " me" : "";
    const entry = make("div", { class: `said${me}`, "data-seq": frame.seq || "", "data-sender": frame.sender, "data-client": frame.client_id || "" });
    entry.append(make("p", { class: `stamp${me}` }, `${frame.name || this.dataset.visitor}, `, this.time(frame.at)));
    const data = frame.data || {}, link = { href: data.url || "", target: "_blank", rel: "noopener" };
    if (frame.kind === "file" && data.kind === "image" && data.url) {
      const picture = make("img", { src: data.url, alt: fill(this.dataset.picture, { name: data.name }) });
      picture.addEventListener("load", () => { if (this.nearEnd) this.down(); });
      entry.append(make("a", { class: `bubble pic${me}`, ...link }, picture));
    } else if (frame.kind === "file") entry.append(make("a", { class: `bubble${me}`, ...link }, this.icon("attach"), ` ${data.name} `, make("span", { class: "small muted" }, data.size_text || "")));
    else if (frame.kind === "article") entry.append(make("a", { class: `bubble${me}`, ...link }, this.icon("book"), ` ${data.title}`));
    if (frame.text) entry.append(make("div", { class: `bubble${me}` }, ...written(frame.text)));
    if (me) entry.append(make("p", { class: "mark small muted" }));
    return entry;
  }

  /** Under the last of one's own words: sent, delivered or read. */
  marks() {
    const own = [...this.log.querySelectorAll('.said.me[data-seq]')];
    for (const entry of own) entry.querySelector(".mark")?.replaceChildren();
    const latest = own.at(-1), number = Number(latest?.dataset.seq);
    if (!latest) return;
    if (!latest.querySelector(".mark")) latest.append(make("p", { class: "mark small muted" }));
    latest.querySelector(".mark").textContent = number <= this.receipts.read ? this.dataset.read : number <= this.receipts.delivered ? this.dataset.delivered : this.dataset.sent;
  }

  time(at) {
    const moment = new Date(at);
    return make("time", { datetime: at }, moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: this.dataset.zone || undefined }));
  }

  icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${this.dataset.icons}#i-${name}`);
    svg.append(use);
    return svg;
  }

  atEnd() { this.nearEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80; return this.nearEnd; }

  down() {
    this.nearEnd = true;
    this.log.scrollTop = this.log.scrollHeight;
    requestAnimationFrame(() => { if (this.nearEnd) this.log.scrollTop = this.log.scrollHeight; });
  }
}

if (!customElements.get("hearth-chat-desk")) customElements.define("hearth-chat-desk", ChatDesk);
