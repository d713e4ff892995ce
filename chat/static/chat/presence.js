// On every page of the desk: tells the server that this agent is there, and shows chats that are offered, wherever they work.

import { part, renew } from "../portal/js/renew.js";
import { chime, notice } from "./attention.js";
import { Door } from "../portal/js/signed-out.js";

const RETRY = 15000;
const door = new Door();
let socket, tries = 0, shown = { key: "", writing: false };
const offers = document.createElement("div");
offers.id = "chat-offers";
offers.setAttribute("aria-live", "polite");

const show = () => { if (socket?.readyState === WebSocket.OPEN && shown.key) socket.send(JSON.stringify({ type: "show", ...shown })); };

/** Tell colleagues which chat this page shows and whether its agent is writing there. */
export const showing = (key, writing) => {
  if (shown.key === key && shown.writing === writing) return;
  shown = { key, writing };
  show();
};

const offered = new Set([...document.querySelectorAll("[data-offer]")].map((offer) => offer.dataset.offer));

/** Call the agent to offers that were not there before: by sound, and by a notice of the browser where the page is out of sight. */
export const heed = () => {
  for (const offer of document.querySelectorAll("[data-offer]")) {
    if (offered.has(offer.dataset.offer)) continue;
    offered.add(offer.dataset.offer);
    chime();
    if (document.hidden || !document.hasFocus()) notice(`${offer.getAttribute("aria-label")}: ${offer.querySelector("p[lang]")?.textContent || ""}`, `offer-${offer.dataset.offer}`);
  }
};

const look = async () => {
  if (document.querySelector("[data-offers-here]")) return; // the console's list shows them
  const html = await part("/desk/chat/offers/").catch(() => null);
  if (html !== null) { renew(offers, html); heed(); }
};

const connect = () => {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/ws/desk-chat/`);
  socket.addEventListener("open", () => { tries = 0; });
  socket.addEventListener("message", (event) => {
    const news = JSON.parse(event.data);
    if (news.type === "ping") { socket.send(JSON.stringify({ type: "here" })); return; }
    if (news.type === "ready") { door.opened(); show(); }
    if (news.type === "ready" || news.type === "offer") look();
    document.dispatchEvent(new CustomEvent("hearth:desk-chat", { detail: news }));
  });
  socket.addEventListener("close", (event) => {
    const next = door.closed(event.code);
    if (next === "stop") return;
    tries += 1;
    setTimeout(connect, Math.min(RETRY, 500 * 2 ** tries));
  });
};

// Seconds left of an offer, counted here; without a script the time stands there.
const tick = () => {
  for (const line of document.querySelectorAll("[data-countdown]")) {
    const left = Math.max(0, Math.round((new Date(line.dataset.countdown) - Date.now()) / 1000));
    line.textContent = `${left} s`;
    line.classList.toggle("soon", left <= 10);
    if (!left && !line.dataset.over) { line.dataset.over = "1"; setTimeout(() => { look(); document.dispatchEvent(new CustomEvent("hearth:desk-chat", { detail: { type: "offer" } })); }, 1500); }
  }
};
setInterval(tick, 500);
tick();

(document.getElementById("desk-bars") || document.body).append(offers);
connect();
