// What calls somebody back to a chat: a sound, off until it is switched on and kept in this browser, and the browser's own notices, which
// a button alone asks for. Boxes [data-sound] and buttons [data-ask-notices] are hidden in the page and shown where they can do something.

const NAME = "hearth-chat-sound", REST = 1500;
let last = 0;

export const soundOn = () => { try { return localStorage.getItem(NAME) === "on"; } catch { return false; } };
const keep = (on) => { try { if (on) localStorage.setItem(NAME, "on"); else localStorage.removeItem(NAME); } catch { /* not kept */ } };

/** Two short tones, where the sound is on; many at once are one. */
export const chime = () => {
  if (!soundOn() || !window.AudioContext || Date.now() - last < REST) return;
  last = Date.now();
  const context = new AudioContext();
  for (const [pitch, after] of [[660, 0], [880, 0.14]]) {
    const tone = context.createOscillator(), volume = context.createGain(), from = context.currentTime + after;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.15, from);
    volume.gain.exponentialRampToValueAtTime(0.001, from + 0.3);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.3);
  }
  setTimeout(() => context.close(), 1000);
};

/** A notice of the browser where they are allowed; one a `tag`. A click on it brings the page back. */
export const notice = (words, tag) => {
  if (window.Notification?.permission !== "granted") return;
  try {
    const shown = new Notification(words, { tag });
    shown.onclick = () => { window.focus(); shown.close(); };
  } catch { /* phones take notices from a service worker only: title and badge have to do */ }
};

/** Show the controls of a part of the page as things stand. */
export const controls = (root = document) => {
  for (const box of root.querySelectorAll("[data-sound]")) {
    box.checked = soundOn();
    box.closest("[data-sound-row]").hidden = !window.AudioContext;
  }
  for (const button of root.querySelectorAll("[data-ask-notices]")) button.hidden = window.Notification?.permission !== "default";
};

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-sound]")) return;
  keep(event.target.checked);
  controls();
  chime(); // one hears what one has chosen
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-ask-notices]")) Notification.requestPermission().then(() => controls());
});
