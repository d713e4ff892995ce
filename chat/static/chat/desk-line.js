// The agent's end of a chat's line: the visitor's line with articles and files by reference, internal notes, and no other way but the socket.

import { Line, newId, Outbox } from "./line.js";

/** Events besides those of Line: note, presence. */
export class DeskLine extends Line {
  constructor({ key, language, last }) {
    super({ key, url: "", language, last });
    // An agent who tries the chat as a visitor in the same browser must not send the one's words as the other.
    this.outbox = new Outbox(`desk:${key}`);
  }

  get address() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    return `${scheme}//${location.host}/ws/chat/${this.key}/?after=${this.last}&lang=${this.language}`;
  }

  connect() {
    if (this.stopped || [WebSocket.OPEN, WebSocket.CONNECTING].includes(this.socket?.readyState)) return;
    clearTimeout(this.again);
    this.alive = false;
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.dead = setTimeout(() => socket.close(), 10000);
    socket.onmessage = (event) => { if (socket === this.socket) this.take(JSON.parse(event.data)); };
    socket.onclose = (event) => { if (socket === this.socket) this.lost(event.code); };
  }

  take(frame) {
    super.take(frame);
    if (frame.type === "note" || frame.type === "presence") this.tell(frame.type, frame);
  }

  ask() { /* the page itself is drawn by the server: there is nothing to ask without a socket */ }

  /** Keep one message until the server has it and send it in its turn: {text} or {kind, article} or {kind, attachment}. */
  say(parts) {
    const item = { client_id: newId(), kind: "text", at: new Date().toISOString(), ...parts };
    this.outbox.add(item);
    this.tell("outbox", item);
    this.flush();
    return item;
  }

  flush() {
    if (this.flying || this.stopped || !this.open) return;
    const item = this.outbox.all().find((waiting) => !waiting.failed);
    if (!item) return;
    this.flying = item.client_id;
    const socket = this.socket, { client_id, kind, text, article, attachment } = item;
    this.up({ type: "message.send", client_id, kind, text, article, attachment });
    this.patience = setTimeout(() => socket.close(), 10000);
  }
}
