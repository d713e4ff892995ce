// Keeps the desk fresh: a socket that says "look again", a slow poll in case it is down, and the parts fetched by HTTP.

import { part, renew } from "../portal/js/renew.js";
import { Door } from "../portal/js/signed-out.js";

const POLL = 30000, SHOW = 10000, WRITES = 8000;

class DeskLive extends HTMLElement {
  connectedCallback() {
    this.tries = 0;
    this.door = new Door();
    this.notices = document.getElementById("notices");
    this.thread = document.querySelector("[data-live-thread]");
    this.scrollDown();
    this.connect();
    this.timer = setInterval(() => this.look(), POLL);
    this.viewers = document.querySelector("[data-viewers]");
    if (this.viewers) {
      this.showing = setInterval(() => this.show(), SHOW);
      document.addEventListener("input", (event) => { if (event.target.matches(".writer textarea")) this.writes(); });
    }
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.look(); });
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    clearInterval(this.showing);
    this.socket?.close();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}${this.dataset.socket}`);
    this.socket.addEventListener("open", () => { this.tries = 0; });
    this.socket.addEventListener("message", (event) => this.take(JSON.parse(event.data)));
    this.socket.addEventListener("close", (event) => {
      if (this.door.closed(event.code) === "stop") return;
      this.tries += 1;
      setTimeout(() => this.connect(), Math.min(30000, 1000 * 2 ** this.tries));
    });
  }

  take(news) {
    if (news.type === "notice" || news.type === "ready") this.showNotices();
    if (news.type === "ready") { this.door.opened(); this.show(); }
    if (news.type === "viewers" && this.viewers?.dataset.viewers === news.reference) this.showViewers();
    if (news.type === "ticket" && this.thread?.dataset.liveThread === news.reference) this.showThread();
    if (news.type === "ticket" && document.querySelector("[data-refresh]")) this.showQueue();
  }

  look() {
    if (document.hidden) return;
    this.showNotices();
    if (this.thread) this.showThread();
    if (this.viewers) this.showViewers();
    if (document.querySelector("[data-refresh]")) this.showQueue();
  }

  /** Colleagues see that this page shows the ticket, and that somebody writes here; a page in the background shows nothing. */
  show() {
    if (!this.viewers || document.hidden || this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({ type: "show", reference: this.viewers.dataset.viewers, writing: Boolean(this.writing) }));
  }

  writes() {
    const began = !this.writing;
    clearTimeout(this.writing);
    this.writing = setTimeout(() => { this.writing = null; this.show(); }, WRITES);
    if (began) this.show();
  }

  async showViewers() {
    const html = await part(this.viewers.dataset.url).catch(() => null);
    if (html !== null) renew(this.viewers, html);
  }

  async showNotices() {
    const html = this.notices && await part(`${this.dataset.notices}?since=${encodeURIComponent(this.dataset.since)}`).catch(() => null);
    if (html === null || html === undefined || html === this.lastNotices) return;
    this.lastNotices = html;
    renew(this.notices, html);
    window.htmx?.process(this.notices);
  }

  async showThread() {
    const html = await part(this.thread.dataset.url).catch(() => null);
    if (html === null || html === this.lastThread) return;
    const first = this.lastThread === undefined;
    this.lastThread = html;
    const atEnd = this.thread.scrollHeight - this.thread.scrollTop - this.thread.clientHeight < 80;
    renew(this.thread, html);
    if (atEnd && !first) this.scrollDown();
  }

  /** The list is exchanged only while nobody works in it, so that no row moves away under a finger or the focus. */
  async showQueue() {
    const list = document.querySelector("[data-refresh]");
    if (!list || list.matches(":hover, :focus-within")) return;
    const html = await part(location.href).catch(() => null);
    const fresh = html && new DOMParser().parseFromString(html, "text/html").querySelector("[data-refresh]");
    if (fresh && !list.matches(":hover, :focus-within")) renew(list, fresh);
  }

  scrollDown() { if (this.thread) this.thread.scrollTop = this.thread.scrollHeight; }
}

if (!customElements.get("hearth-desk-live")) customElements.define("hearth-desk-live", DeskLive);
