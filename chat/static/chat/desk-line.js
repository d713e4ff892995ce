// One line to one chat, for the agent's side: what is sent is kept until it is acknowledged, what was missed is asked for by number.

const BEAT = 25000, MOST = 30000;

const kept = (key) => {
  try { return JSON.parse(sessionStorage.getItem(key) || "[]"); } catch { return []; }
};
const keep = (key, value) => {
  try { if (value.length) sessionStorage.setItem(key, JSON.stringify(value)); else sessionStorage.removeItem(key); } catch { /* this page's memory has it still */ }
};

/** Events: open, lost, and one for each frame by its type (message, ack, receipt, state, typing, note, presence, error). */
export class Line extends EventTarget {
  constructor(key, { upto = 0, language = "zh-hans" } = {}) {
    super();
    Object.assign(this, { key, upto, language, tries: 0, store: `hearth-chat-out:${key}` });
    this.waiting = kept(this.store);
    this.connect();
    this.timer = setInterval(() => this.send({ type: "sync", after: this.upto }), BEAT);
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.hurry(); });
  }

  get isOpen() { return this.socket?.readyState === WebSocket.OPEN; }

  connect() {
    clearTimeout(this.retry);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws/chat/${this.key}/?after=${this.upto}&lang=${this.language}`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.tries = 0;
      for (const frame of this.waiting) if (!frame.failed) socket.send(JSON.stringify(frame));
      this.tell("open");
    });
    socket.addEventListener("message", (event) => { if (socket === this.socket) this.take(JSON.parse(event.data)); });
    socket.addEventListener("close", (event) => {
      if (socket !== this.socket) return;
      this.tell("lost", { code: event.code });
      if (event.code === 4403 || event.code === 4404) { clearInterval(this.timer); return; }
      this.tries += 1;
      this.retry = setTimeout(() => this.connect(), Math.min(MOST, 500 * 2 ** this.tries));
    });
  }

  /** Try at once instead of at the end of the pause. */
  hurry() {
    if (this.socket.readyState === WebSocket.CLOSED) this.connect();
    else if (this.isOpen) this.send({ type: "sync", after: this.upto });
  }

  take(frame) {
    if (frame.type === "message") {
      if (frame.seq <= this.upto) return;
      this.upto = frame.seq;
      this.settle(frame.client_id);
    }
    if (frame.type === "ack") this.settle(frame.client_id);
    if (frame.type === "error" && frame.client_id && frame.code !== "too_fast" && frame.code !== "server") this.fail(frame);
    if (frame.type === "error" && (frame.code === "too_fast" || frame.code === "server") && frame.client_id) {
      setTimeout(() => { const again = this.waiting.find((item) => item.client_id === frame.client_id); if (again) this.send(again); }, 1500);
    }
    this.tell(frame.type, frame);
  }

  settle(id) {
    this.waiting = this.waiting.filter((item) => item.client_id !== id);
    keep(this.store, this.waiting);
  }

  fail({ client_id: id }) {
    for (const item of this.waiting) if (item.client_id === id) item.failed = true;
    keep(this.store, this.waiting);
  }

  /** Send what may be lost: typing, receipts, a question for what was missed. */
  send(frame) { if (this.isOpen) this.socket.send(JSON.stringify(frame)); }

  /** Send what must arrive, once: it is kept until the server has it, over reloads and lost connections. Returns the frame. */
  say(parts) {
    const frame = { type: "message.send", client_id: crypto.randomUUID(), kind: "text", ...parts };
    this.waiting.push(frame);
    keep(this.store, this.waiting);
    this.send(frame);
    return frame;
  }

  again(id) {
    const item = this.waiting.find((one) => one.client_id === id);
    if (!item) return;
    delete item.failed;
    keep(this.store, this.waiting);
    this.send(item);
  }

  tell(type, detail = {}) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
