// <hearth-chat>: the conversation as the visitor sees it, on its page and in the chat window of every other page (ChatWindow below).
// The page works without it; the element takes over the log and the composer that are there. What is said comes from the line (line.js).

import { chime, controls, notice } from "./attention.js";
import { clock, dayOf, fill, make, written } from "./drawing.js";

const kept = {
  get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* full or forbidden: nothing is kept */ } },
  drop: (key) => { try { localStorage.removeItem(key); } catch { /* as above */ } },
};
const MEGA = 1024 * 1024;
const NEAR = 80; // pixels from the end within which one is reading along

class HearthChat extends HTMLElement {
  async connectedCallback() {
    if (this.line || this.starting) return;
    this.starting = true;
    this.words = JSON.parse(this.dataset.words || "{}");
    this.receipts = JSON.parse(this.dataset.receipts || "{}");
    this.log = this.querySelector("[data-log]");
    this.end = this.log.querySelector("#chat-end");
    this.composer = this.querySelector("[data-composer]");
    this.agent = this.dataset.agent || "";
    this.unread = 0;
    this.title = document.title;
    const shown = [...this.log.querySelectorAll(".msg[data-seq]")];
    this.seen = new Set(shown.map((row) => row.dataset.client));
    this.last = Number(shown.at(-1)?.dataset.seq || 0);
    for (const row of shown) this.localTime(row);
    for (const line of this.log.querySelectorAll("[data-day]")) line.textContent = this.dayWords(line.dataset.day) || line.textContent;
    this.remember();
    controls(this);
    this.toEnd();
    // Whoever reads the newest stays there when a fold or the keyboard takes room; whoever reads above is left alone.
    this.log.addEventListener("scroll", () => { this.along = this.nearEnd(); }, { passive: true });
    new ResizeObserver(() => { if (this.along) this.toEnd(); }).observe(this.log);
    if (this.dataset.status === "ended") { this.finish(); return; }
    const [{ Line, newId }, { FileBox }] = await Promise.all([import(this.dataset.line), import(this.dataset.files)]);
    if (!this.isConnected) return;
    this.newId = newId;
    this.line = new Line({ key: this.dataset.key, url: this.dataset.url, language: this.dataset.language, last: this.last });
    for (const type of ["message", "ack", "refused", "state", "receipt", "typing", "outbox", "link", "gone"]) {
      this.line.addEventListener(type, (event) => this[`on_${type}`](event.detail));
    }
    for (const item of this.line.outbox.all()) this.on_outbox(item);
    this.compose();
    this.box = new FileBox(this.dataset.key);
    this.later(0);
    this.marks();
    this.visible = () => this.readAlong();
    document.addEventListener("visibilitychange", this.visible);
    addEventListener("focus", this.visible);
    this.log.addEventListener("scroll", this.visible, { passive: true });
    this.querySelector("[data-retry]")?.addEventListener("click", () => this.line.now());
    this.asksBeforeTheEnd();
    this.readAlong();
  }

  disconnectedCallback() {
    this.line?.stop();
    clearTimeout(this.filing);
    document.removeEventListener("visibilitychange", this.visible);
    removeEventListener("focus", this.visible);
    if (this.title) document.title = this.title;
  }

  // --- The composer: drafts survive, enter sends, pictures can be pasted or dropped -----------------------------------
  compose() {
    const text = this.text = this.composer.querySelector("textarea"), draft = `hearth-chat:draft:${this.dataset.key}`;
    if (!text.value) text.value = kept.get(draft) || "";
    const grow = () => { text.style.blockSize = "auto"; text.style.blockSize = `${Math.min(text.scrollHeight + 2, 160)}px`; };
    grow();
    text.addEventListener("input", () => {
      grow();
      if (text.value) kept.set(draft, text.value); else kept.drop(draft);
      if (text.value && Date.now() - (this.typedAt || 0) > 2000) { this.typedAt = Date.now(); this.line.up({ type: "typing" }); }
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
      event.preventDefault();
      this.composer.requestSubmit();
    });
    text.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files || [])];
      if (files.length) { event.preventDefault(); this.files(files); }
    });
    this.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      const words = text.value.trim();
      if (!words) { text.focus(); return; }
      this.line.send(words);
      text.value = "";
      kept.drop(draft);
      grow();
      text.focus();
    });
    const picker = this.composer.querySelector("input[type=file]");
    picker.addEventListener("change", () => { this.files([...picker.files]); picker.value = ""; });
    this.addEventListener("dragover", (event) => event.preventDefault());
    this.addEventListener("drop", (event) => { event.preventDefault(); this.files([...(event.dataTransfer?.files || [])]); });
  }

  files(files) { for (const file of files.slice(0, 5)) this.file(file, this.newId()); }

  /** Take a file: kept in this browser first, then sent; what the network loses goes out again by itself, after a reload, too. */
  async file(file, id) {
    const limit = file.type.startsWith("video/") ? 25 : 10;
    if (file.size > limit * MEGA) { this.note(this.words.tooBig); return; }
    this.pending(id, file.name || this.words.file);
    await this.box.add(id, file);
    await this.sendFile(id, file);
  }

  async sendFile(id, file) {
    const row = this.waiting(id) || this.pending(id, file.name || this.words.file), status = row.querySelector("[data-receipt]");
    const result = await this.box.alone(id, async () => {
      if (!await this.box.has(id)) return undefined; // another tab was faster; its message comes down the line
      return this.line.upload(file, id, (percent) => { status.textContent = fill(this.words.uploading, { name: "", percent }); });
    });
    if (!result) { this.later(); return; }
    if (result.frame) { this.box.drop(id); this.waiting(id)?.remove(); return; }
    if (!result.error && !result.final) { status.textContent = this.words.unsent; this.later(); return; }
    if (result.final) this.box.drop(id);
    this.failed(row, result.error || this.words.tooBig, () => { row.remove(); this.box.add(id, file).then(() => this.sendFile(id, file)); }, () => { this.box.drop(id); row.remove(); });
  }

  waiting(id) { return this.log.querySelector(`.msg.waits[data-client="${id}"]`); }

  /** Try the files that wait again: when the line is back, and every few seconds while there are any. */
  later(wait = 4000) {
    clearTimeout(this.filing);
    this.filing = setTimeout(() => this.sendFiles(), wait);
  }

  async sendFiles() {
    if (!this.line || this.line.stopped || this.sending) return;
    this.sending = true;
    try {
      for (const { client_id, file } of await this.box.all()) {
        if (this.waiting(client_id)?.classList.contains("failed")) continue;
        if (this.log.querySelector(`[data-seq][data-client="${client_id}"]`)) { this.box.drop(client_id); this.waiting(client_id)?.remove(); }
        else await this.sendFile(client_id, file);
      }
    } finally { this.sending = false; }
  }

  note(words) { const place = this.querySelector("[data-note]"); if (place) { place.textContent = words; clearTimeout(this.noting); this.noting = setTimeout(() => { place.textContent = ""; }, 8000); } }

  /** Ending is asked about once: one touch too many on a phone must not be the end. */
  asksBeforeTheEnd() {
    const form = this.querySelector("form[data-end]"), bar = this.querySelector("[data-sure]");
    if (!form || !bar) return;
    const back = () => { bar.hidden = true; form.querySelector("button").focus(); };
    form.addEventListener("submit", (event) => {
      if (this.sure) return;
      event.preventDefault();
      event.stopPropagation();
      bar.querySelector("span").textContent = this.log.querySelector(".msg.waits") ? this.words.sureUnsent : this.words.sure;
      bar.hidden = false;
      bar.querySelector("[data-yes]").focus();
    });
    bar.querySelector("[data-yes]").addEventListener("click", () => { this.sure = true; form.requestSubmit(); });
    bar.querySelector("[data-no]").addEventListener("click", back);
    bar.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); back(); } });
  }

  // --- What the line tells ---------------------------------------------------------------------------------------------
  on_message(frame) {
    if (this.seen.has(frame.client_id)) { this.log.querySelector(`.msg.waits[data-client="${frame.client_id}"]`)?.remove(); if (this.log.querySelector(`[data-seq="${frame.seq}"]`)) return; }
    this.seen.add(frame.client_id);
    if (frame.kind === "file" && frame.sender === "visitor") this.box?.drop(frame.client_id);
    this.last = frame.seq;
    const mine = frame.sender === "visitor", along = this.nearEnd();
    this.dayLine(new Date(frame.at));
    if (!mine && !this.watching()) this.newLine();
    this.log.querySelector(`.msg.waits[data-client="${frame.client_id}"]`)?.remove();
    const first = this.log.querySelector(".msg.waits");
    this.log.insertBefore(this.row(frame), first || this.end);
    if (frame.sender === "agent") this.on_typing(null);
    if (!mine) {
      this.line?.up({ type: "receipt", kind: "delivered", upto: frame.seq });
      if (!this.watching()) this.call(frame);
    }
    if (along || mine) this.toEnd();
    this.marks();
    this.readAlong();
  }

  on_outbox(item) { if (!this.log.querySelector(`[data-client="${item.client_id}"]`)) { const row = this.pending(item.client_id, item.text); if (item.failed) this.on_refused({ client_id: item.client_id, text: item.failed }); this.toEnd(); return row; } return null; }

  on_ack(frame) {
    const row = this.log.querySelector(`.msg.waits[data-client="${frame.client_id}"]`);
    if (row) row.querySelector("[data-receipt]").textContent = this.words.sent;
  }

  on_refused(frame) {
    const row = this.log.querySelector(`.msg.waits[data-client="${frame.client_id}"]`);
    if (row) this.failed(row, fill(this.words.failed, { why: frame.text }), () => { row.remove(); this.line.retry(frame.client_id); const item = this.line.outbox.all().find((one) => one.client_id === frame.client_id); if (item) this.on_outbox(item); }, () => { this.line.outbox.drop(frame.client_id); row.remove(); });
  }

  on_state(state) {
    this.receipts = state.receipts;
    const agent = state.agent?.name || "";
    if (agent !== this.agent || state.status !== this.dataset.status) {
      this.agent = agent;
      this.querySelector("[data-title]").textContent = agent || this.words.title;
      const face = this.querySelector("[data-face]");
      face.hidden = !agent;
      face.textContent = agent.slice(0, 1);
      this.standing(state.status);
    }
    const queue = this.querySelector("[data-queue]");
    queue.hidden = state.status !== "waiting";
    if (state.place) {
      this.say(queue.querySelector("[data-place]"), state.place === 1 ? this.words.placeNext : fill(this.words.place, { place: state.place }));
      this.say(queue.querySelector("[data-minutes]"), state.minutes ? ` · ${fill(state.minutes === 1 ? this.words.minute : this.words.minutes, { minutes: state.minutes })}` : "");
    }
    this.dataset.status = state.status;
    this.marks();
    if (state.status === "ended") this.finish(true);
  }

  /** The line under the title: nobody is called online while there is no connection. */
  standing(status = this.dataset.status) {
    const line = this.querySelector("[data-status]"), ended = status === "ended", cut = this.cutOff && !ended;
    line.className = cut ? "live off" : this.agent && !ended ? "live" : "";
    this.say(line, ended ? this.words.ended : cut ? this.words.noLine : this.agent ? this.words.online : this.words.inQueue);
  }

  on_receipt(frame) { this.receipts[frame.party] = { delivered: frame.delivered, read: frame.read }; this.marks(); }

  on_typing(frame) {
    const place = this.querySelector("[data-typing]");
    clearTimeout(this.typingOff);
    if (!frame || frame.party !== "agent") { place.textContent = ""; return; }
    this.say(place, fill(this.words.typing, { name: frame.name || this.words.somebody }));
    this.typingOff = setTimeout(() => { place.textContent = ""; }, 4000);
  }

  on_link({ state, attempt }) {
    const bar = this.querySelector("[data-offline]");
    const words = state === "lost" ? fill(this.words.lost, { number: attempt }) : state === "polling" ? this.words.polling : "";
    bar.hidden = !words || (state === "lost" && attempt < 2 && navigator.onLine);
    this.cutOff = state === "lost" && !bar.hidden;
    if (this.cutOff) this.on_typing(null);
    this.standing();
    bar.querySelector("span").textContent = words;
    if (state !== "lost") this.later(200);
    if (state === "open" && attempt > 1) this.note(this.words.back);
  }

  on_gone(code) {
    if (code === 4401) { this.shut(); return; }
    kept.drop("hearth-chat:current"); if (this.dataset.panel !== undefined) this.dispatchEvent(new CustomEvent("chat-gone", { bubbles: true })); else location.reload();
  }

  /** Signed out: what was said and what is being written stays in sight and in this browser; nothing more can be sent. */
  shut() {
    const bar = this.querySelector("[data-offline]"), link = make("a", "btn quiet s", this.words.signIn);
    link.href = `/accounts/login/?next=${encodeURIComponent(this.dataset.url)}`;
    bar.querySelector("span").textContent = this.words.signedOut;
    bar.querySelector("[data-retry]")?.replaceWith(link);
    bar.hidden = false;
    bar.dataset.shut = "";
    for (const control of this.composer.querySelectorAll("button, input")) control.disabled = true;
    this.text.readOnly = true;
  }

  // --- Drawing -----------------------------------------------------------------------------------------------------------
  say(place, words) { if (place && place.textContent !== words) place.textContent = words; }

  row(frame) {
    const mine = frame.sender === "visitor", me = mine ? " me" : "", row = make("div", `msg${mine ? " mine" : frame.kind === "system" ? " told" : ""}`);
    Object.assign(row.dataset, { seq: frame.seq, client: frame.client_id, sender: frame.sender, at: frame.at });
    if (frame.kind === "system") { row.append(make("p", "bubble sys", frame.text)); return row; }
    const data = frame.data || {};
    if (frame.kind === "file") row.append(this.fileNode(data, me));
    if (frame.kind === "article") row.append(this.articleNode(data));
    if (frame.text) row.append(this.bubble(frame.text, mine ? this.words.you : frame.name, me));
    row.append(this.stamp(new Date(frame.at), me));
    return row;
  }

  bubble(text, who, me) {
    const bubble = make("p", `bubble${me}`);
    bubble.append(make("span", "vh", `${who}: `));
    bubble.append(...written(text));
    return bubble;
  }

  fileNode(data, me) {
    const link = make("a", `bubble ${data.kind === "image" ? "pic" : "doc"}${me}`);
    link.href = data.url;
    if (data.kind === "image") {
      const picture = make("img");
      Object.assign(picture, { src: data.url, alt: data.name, loading: "lazy" });
      if (data.width) Object.assign(picture, { width: data.width, height: data.height });
      picture.addEventListener("load", () => { if (this.nearEnd(400)) this.toEnd(); });
      Object.assign(link, { target: "_blank", rel: "noopener" });
      link.append(picture);
    } else {
      const words = make("span", "", data.name);
      words.append(make("small", "", data.size_text));
      link.append(this.icon("file"), words);
    }
    return link;
  }

  articleNode(data) {
    const link = make("a", "mini plain"), words = make("span");
    Object.assign(link, { href: data.url, target: "_blank", rel: "noopener" });
    words.append(make("b", "", data.title));
    if (data.summary) words.append(make("small", "", data.summary));
    link.append(this.icon("book"), words);
    return link;
  }

  icon(name) {
    const holder = make("span");
    holder.innerHTML = `<svg class="i" aria-hidden="true"><use href="${this.dataset.icons}#i-${name}"/></svg>`;
    return holder.firstChild;
  }

  stamp(moment, me) {
    const line = make("p", `stamp${me}`), time = make("time", "", clock(moment));
    time.dateTime = moment.toISOString();
    line.append(make("span"), " ", time);
    line.firstChild.dataset.receipt = "";
    return line;
  }

  pending(id, text) {
    const row = make("div", "msg mine waits");
    row.dataset.client = id;
    row.append(this.bubble(text, this.words.you, " me unsent"), this.stamp(new Date(), " me"));
    row.querySelector("[data-receipt]").textContent = this.line?.open ? this.words.sending : this.words.unsent;
    this.seen.add(id);
    this.log.insertBefore(row, this.end);
    this.toEnd();
    return row;
  }

  failed(row, words, again, drop) {
    const place = row.querySelector("[data-receipt]");
    row.classList.add("failed");
    place.className = "bad-ink";
    place.textContent = words;
    for (const [label, work] of [[this.words.again, again], [this.words.drop, drop]]) {
      const button = make("button", "btn text s", label);
      button.type = "button";
      button.addEventListener("click", work);
      place.parentNode.append(" ", button);
    }
  }

  /** Say under one's own messages how far they have come. */
  marks() {
    const { delivered = 0, read = 0 } = this.receipts.agent || {};
    for (const row of this.log.querySelectorAll(".msg.mine[data-seq]")) {
      const seq = Number(row.dataset.seq), place = row.querySelector("[data-receipt]");
      if (place) this.say(place, seq <= read ? this.words.read : seq <= delivered ? this.words.delivered : this.words.sent);
    }
    for (const row of this.log.querySelectorAll(".msg.waits:not(.failed)")) if (!this.line?.open) row.querySelector("[data-receipt]").textContent = this.words.unsent;
  }

  localTime(row) { const time = row.querySelector("time"); if (time) time.textContent = clock(new Date(row.dataset.at)); }

  dayWords(day) {
    const today = new Date(), before = new Date(today - 86400000);
    return day === dayOf(today) ? this.words.today : day === dayOf(before) ? this.words.yesterday : "";
  }

  dayLine(moment) {
    const day = dayOf(moment);
    if ([...this.log.querySelectorAll("[data-day]")].some((line) => line.dataset.day === day)) return;
    const line = make("p", "day", this.dayWords(day) || moment.toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" }));
    line.dataset.day = day;
    this.log.insertBefore(line, this.log.querySelector(".msg.waits") || this.end);
  }

  newLine() {
    if (this.log.querySelector(".day.new")) return;
    this.log.insertBefore(make("p", "day new", this.words.newMessages), this.log.querySelector(".msg.waits") || this.end);
  }

  // --- Reading along: receipts, the badge in the title ---------------------------------------------------------------------
  nearEnd(room = NEAR) { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < room; }
  toEnd() { this.along = true; this.log.scrollTop = this.log.scrollHeight; }
  watching() { return document.visibilityState === "visible" && document.hasFocus() && !this.closest("[hidden]") && this.nearEnd(); }

  /** Something was said while nobody reads along: the number, a sound and a notice of the browser, as far as they are wanted. */
  call(frame) {
    if (frame.kind === "system") return;
    this.count(this.unread + 1);
    if (document.visibilityState === "visible" && document.hasFocus() && !this.closest("[hidden]")) return; // they are here, only scrolled up
    chime();
    notice(fill(this.words.news, { name: frame.name || this.words.somebody, text: frame.text || frame.data?.name || frame.data?.title || "" }), this.dataset.key);
  }

  readAlong() {
    if (!this.watching() || !this.last) return;
    this.count(0);
    if (this.readUpto === this.last || !this.line) return;
    this.readUpto = this.last;
    this.line.up({ type: "receipt", kind: "read", upto: this.last });
  }

  count(number) {
    if (this.unread && !number) setTimeout(() => this.log.querySelector(".day.new")?.remove(), 4000);
    this.unread = number;
    const plain = this.title.replace(/^\(\d+\) /, "");
    document.title = number ? `(${number}) ${plain}` : plain;
    this.dispatchEvent(new CustomEvent("chat-unread", { bubbles: true, detail: number }));
  }

  remember() { if (this.dataset.status !== "ended") kept.set("hearth-chat:current", JSON.stringify({ url: this.dataset.url, at: Date.now() })); }

  /** The chat has ended: the server's own end of the page takes the composer's place. */
  async finish(fresh = false) {
    kept.drop("hearth-chat:current");
    kept.drop(`hearth-chat:draft:${this.dataset.key}`);
    if (!fresh || this.finished) return;
    this.finished = true;
    for (const part of this.querySelectorAll("form[data-end], [data-sure]")) part.remove();
    this.querySelector(".chat-more")?.remove();
    this.querySelector("[data-note]")?.remove();
    try {
      const answer = await fetch(`${this.dataset.url}?panel=1`, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const end = page.querySelector("[data-ended]");
      if (this.dataset.panel === undefined) for (const field of end.querySelectorAll('input[name="panel"]')) field.remove();
      if (this.dataset.panel === undefined) for (const link of end.querySelectorAll("a[data-chat-link]")) link.href = link.getAttribute("href").replace(/[?&]panel=1/, "").replace("/?&", "/?");
      this.composer.replaceWith(document.importNode(end, true));
      this.toEnd();
    } catch { if (this.dataset.panel === undefined) location.reload(); }
  }
}

if (!customElements.get("hearth-chat")) customElements.define("hearth-chat", HearthChat);
