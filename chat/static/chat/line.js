// The line of one conversation: a socket that comes back by itself, plain requests while there is none, and an outbox that outlives
// reloads. Every message carries its own number (client_id): sent twice, it is kept once. Events: message, ack, refused, state, receipt,
// typing, outbox, link {state: open|lost|polling, attempt}, gone (with the code: 4401 signed out, 4403 not allowed any more, 4404 not found).

const token = () => document.querySelector('meta[name="csrf-token"]')?.content || "";
const HEARTBEAT = 20000, ANSWER = 10000, POLL = 4000, SLOWEST = 20000, POLL_AFTER = 2;
export const newId = () => crypto.randomUUID?.() || "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) => (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16));

/** What this browser has not got an acknowledgement for; shared by its tabs, kept over reloads. */
export class Outbox {
  constructor(key) { this.name = `hearth-chat:out:${key}`; this.memory = []; }
  all() { try { return JSON.parse(localStorage.getItem(this.name) || "[]"); } catch { return this.memory; } }
  save(items) {
    this.memory = items;
    try { if (items.length) localStorage.setItem(this.name, JSON.stringify(items)); else localStorage.removeItem(this.name); } catch { /* forbidden or full: memory has to do */ }
  }
  add(item) { this.save([...this.all(), item]); }
  change(id, values) { this.save(this.all().map((item) => (item.client_id === id ? { ...item, ...values } : item))); }
  drop(id) { const items = this.all(); if (items.some((item) => item.client_id === id)) this.save(items.filter((item) => item.client_id !== id)); }
}

export class Line extends EventTarget {
  constructor({ key, url, language, last }) {
    super();
    Object.assign(this, { key, url, language, last, attempt: 0, outbox: new Outbox(key), flying: null, ended: false, stopped: false });
    this.wake = () => { if (document.visibilityState === "visible") this.now(); };
    addEventListener("online", this.wake);
    addEventListener("offline", this.cut = () => this.socket?.close());
    document.addEventListener("visibilitychange", this.wake);
    this.connect();
  }

  stop() {
    this.stopped = true;
    removeEventListener("online", this.wake);
    removeEventListener("offline", this.cut);
    document.removeEventListener("visibilitychange", this.wake);
    for (const timer of [this.again, this.beat, this.dead, this.poll, this.patience]) clearTimeout(timer);
    this.socket?.close();
  }

  tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
  get open() { return this.socket?.readyState === WebSocket.OPEN && this.alive; }

  // --- The socket ---------------------------------------------------------------------------------------------------
  connect() {
    if (this.stopped || [WebSocket.OPEN, WebSocket.CONNECTING].includes(this.socket?.readyState)) return;
    clearTimeout(this.again);
    this.alive = false;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws/chat/${this.key}/?after=${this.last}&as=visitor&lang=${this.language}`);
    this.socket = socket;
    this.dead = setTimeout(() => socket.close(), ANSWER);
    socket.onmessage = (event) => { if (socket === this.socket) this.take(JSON.parse(event.data)); };
    socket.onclose = (event) => { if (socket === this.socket) this.lost(event.code); };
  }

  /** Called when the network may be back or the page is looked at again. */
  now() {
    if (this.stopped) return;
    if (this.open) this.sync(); else { clearTimeout(this.again); this.connect(); }
  }

  lost(code) {
    for (const timer of [this.dead, this.beat, this.patience]) clearTimeout(timer);
    this.socket = null;
    this.flying = null;
    if (this.stopped) return;
    if (code === 4401 && !this.knocked) { this.knocked = true; this.again = setTimeout(() => this.connect(), 400); return; }
    if (code === 4401 || code === 4403 || code === 4404) { this.stop(); this.tell("gone", this.knocked ? 4401 : code); return; }
    this.attempt += 1;
    const wait = Math.min(SLOWEST, 500 * 2 ** Math.min(this.attempt - 1, 6)) * (0.7 + Math.random() * 0.6);
    this.again = setTimeout(() => this.connect(), wait);
    this.tell("link", { state: this.polling ? "polling" : "lost", attempt: this.attempt });
    if (this.attempt >= POLL_AFTER && !this.poll) this.ask();
  }

  take(frame) {
    clearTimeout(this.dead);
    if (frame.type === "error" && ["not_found", "not_allowed", "signed_out"].includes(frame.code) && !frame.client_id) return; // the door closes
    if (!this.alive) {
      this.knocked = false;
      this.alive = true;
      const was = this.attempt;
      this.attempt = 0;
      this.quietPoll();
      this.tell("link", { state: "open", attempt: was });
      this.pulse();
      this.flush();
    }
    if (frame.type === "message") this.message(frame);
    else if (frame.type === "ack") this.settled(frame);
    else if (frame.type === "error") this.refused(frame);
    else if (frame.type === "state") this.state(frame);
    else if (frame.type === "receipt" || frame.type === "typing") this.tell(frame.type, frame);
  }

  /** A sign of life every now and then: a dead line is found out, a lost push is caught up. */
  pulse() {
    clearTimeout(this.beat);
    this.beat = setTimeout(() => { this.sync(); this.pulse(); }, HEARTBEAT);
  }

  sync() {
    if (!this.open) return;
    const socket = this.socket;
    this.up({ type: "sync", after: this.last });
    clearTimeout(this.dead);
    this.dead = setTimeout(() => socket.close(), ANSWER);
  }

  up(frame) { if (this.open) this.socket.send(JSON.stringify(frame)); }

  // --- What comes down -----------------------------------------------------------------------------------------------
  message(frame) {
    this.outbox.drop(frame.client_id);
    if (frame.seq <= this.last) return;
    if (frame.seq > this.last + 1) { this.sync(); return; }
    this.last = frame.seq;
    this.tell("message", frame);
  }

  state(frame) {
    this.ended = frame.status === "ended";
    this.tell("state", frame);
  }

  settled(frame) {
    this.outbox.drop(frame.client_id);
    if (this.flying === frame.client_id) this.flying = null;
    clearTimeout(this.patience);
    this.tell("ack", frame);
    this.flush();
  }

  refused(frame) {
    if (!frame.client_id) return;
    if (this.flying === frame.client_id) this.flying = null;
    clearTimeout(this.patience);
    if (frame.code === "too_fast" || frame.code === "server" || frame.code === "limit_reached") {
      setTimeout(() => this.flush(), 1000 * (frame.retry_after || 2) + 300);
      return;
    }
    this.outbox.change(frame.client_id, { failed: frame.text });
    this.tell("refused", frame);
    this.flush();
  }

  // --- What goes up: one message at a time, so that their order is the order of writing ------------------------------
  send(text) {
    const item = { client_id: newId(), kind: "text", text, at: new Date().toISOString() };
    this.outbox.add(item);
    this.tell("outbox", item);
    this.flush();
    return item;
  }

  retry(id) { this.outbox.change(id, { failed: undefined }); this.flush(); }

  flush() {
    if (this.flying || this.stopped) return;
    const item = this.outbox.all().find((waiting) => !waiting.failed);
    if (!item) return;
    if (this.open) {
      this.flying = item.client_id;
      const socket = this.socket;
      this.up({ type: "message.send", client_id: item.client_id, kind: "text", text: item.text });
      this.patience = setTimeout(() => socket.close(), ANSWER);
    } else if (this.polling) this.post(item);
  }

  // --- Without a socket ----------------------------------------------------------------------------------------------
  async ask() {
    clearTimeout(this.poll);
    this.poll = setTimeout(() => this.ask(), document.visibilityState === "visible" ? POLL : POLL * 5);
    try {
      const answer = await fetch(`${this.url}messages/?after=${this.last}&as=visitor`, { headers: { Accept: "application/json" } });
      if (this.open || this.stopped) return;
      if (answer.status === 404) { this.stop(); this.tell("gone", this.knocked ? 4401 : 4404); return; }
      if (!answer.ok) throw new Error(answer.status);
      const { messages, state } = await answer.json();
      if (!this.polling) { this.polling = true; this.tell("link", { state: "polling", attempt: this.attempt }); }
      for (const frame of messages) this.message(frame);
      this.state(state);
      this.flush();
    } catch { if (this.polling) { this.polling = false; this.tell("link", { state: "lost", attempt: this.attempt }); } }
  }

  quietPoll() { clearTimeout(this.poll); this.poll = null; this.polling = false; }

  async post(item) {
    this.flying = item.client_id;
    try {
      const answer = await fetch(`${this.url}messages/?as=visitor`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ client_id: item.client_id, kind: "text", text: item.text }),
      });
      const frame = await answer.json();
      if (answer.ok) this.settled(frame); else this.refused(frame);
    } catch { this.flying = null; }
  }

  /** Send a file as a message; `progress` is told percents. Resolves to {frame} or {error}. */
  upload(file, id, progress) {
    return new Promise((done) => {
      const data = new FormData(), request = new XMLHttpRequest();
      data.set("client_id", id);
      data.set("file", file, file.name || "picture.png");
      request.open("POST", `${this.url}files/?as=visitor`);
      request.setRequestHeader("X-CSRFToken", token());
      request.setRequestHeader("Accept", "application/json");
      request.upload.onprogress = (event) => { if (event.lengthComputable) progress(Math.round((100 * event.loaded) / event.total)); };
      request.onload = () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
        if (request.status < 300) { if (answer.message) this.message(answer.message); done({ frame: answer }); }
        else done({ error: answer.text || "", final: request.status < 500 && request.status !== 429 });
      };
      request.onerror = request.onabort = () => done({ error: "" });
      request.send(data);
    });
  }
}
