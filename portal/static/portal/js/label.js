// <hearth-label-scan>: the server reads a photo of the label, or what the camera sees; a browser that reads codes itself sends their text.
const fill = (words, values) => (words || "").replace(/\{(\w+)\}/g, (_, key) => values[key]);
const WIDEST = 1280, PAUSE = 700, OWN_PAUSE = 250, PATIENCE = 60000;
const pause = (time) => new Promise((done) => setTimeout(done, time));

class LabelScan extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector('input[type="file"]');
    this.status = this.querySelector("[data-scan-status]");
    this.serial = this.closest("form")?.querySelector('[name="serial"]');
    const send = this.querySelector("[data-scan-send]");
    if (!this.input || !this.serial) return;
    this.input.addEventListener("change", () => this.read());
    if (send) send.hidden = true; // choosing the photo is enough
    const pick = this.querySelector("[data-scan-pick]");
    if (pick) {
      this.input.classList.add("vh");
      this.input.tabIndex = -1;
      pick.hidden = false;
      pick.addEventListener("click", () => { this.stop(); this.input.click(); });
    }
    this.live = this.querySelector("[data-scan-live]");
    if (this.live && navigator.mediaDevices?.getUserMedia) {
      this.live.hidden = false;
      this.live.addEventListener("click", () => {
        if (this.stream) { this.stop(); this.say(""); } else this.look();
      });
      document.addEventListener("visibilitychange", this.away = () => { if (document.hidden) this.stop(); });
    }
  }

  disconnectedCallback() {
    this.stop();
    document.removeEventListener("visibilitychange", this.away);
  }

  say(words) { this.status.textContent = words; }

  take(serial, model) {
    if (model && !this.closest("form").querySelector('select[name="model"]')) {
      let field = this.closest("form").querySelector('input[name="model"]');
      if (!field) { field = document.createElement("input"); Object.assign(field, { type: "hidden", name: "model" }); this.closest("form").append(field); }
      field.value = model;
    }
    if (!serial) { this.say(this.dataset.model); this.serial.focus(); return; }
    this.serial.value = serial;
    this.say(fill(this.dataset.done, { serial }));
    this.serial.dispatchEvent(new CustomEvent("serial-read", { bubbles: true }));
  }

  /** Ask the server what a picture or a text says; resolves to its answer, null where the line is down. */
  async ask(values) {
    const body = new FormData();
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content || "", Accept: "application/json" };
    try { return await (await fetch(this.dataset.url, { method: "POST", body, headers })).json(); } catch { return null; }
  }

  async read() {
    const file = this.input.files[0];
    if (!file) return;
    this.say(this.dataset.reading);
    const answer = await this.ask({ label: file });
    if (!answer) this.say(this.dataset.failed);
    else if (answer.error) this.say(answer.error);
    else this.take(answer.serial, answer.model);
    this.input.value = "";
  }

  // --- The camera ------------------------------------------------------------------------------------------------------
  async look() {
    const mine = this.turn = {};
    let stream;
    try {
      const wanted = { facingMode: "environment", width: { ideal: WIDEST } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      this.say(error?.name === "NotFoundError" ? this.dataset.none : this.dataset.denied);
      return;
    }
    if (this.turn !== mine || !this.isConnected) { for (const track of stream.getTracks()) track.stop(); return; }
    this.stream = stream;
    this.video = document.createElement("video");
    Object.assign(this.video, { srcObject: stream, playsInline: true, muted: true });
    this.video.setAttribute("aria-hidden", "true");
    this.insertBefore(this.video, this.status);
    this.live.querySelector("span").textContent = this.live.dataset.stop;
    this.say(this.dataset.look);
    await this.video.play().catch(() => {});
    const detector = await this.detector(), until = Date.now() + PATIENCE;
    while (this.stream === stream) {
      if (Date.now() > until) { this.stop(); this.say(this.dataset.nothing); return; }
      const answer = await this.glance(detector);
      if (this.stream !== stream) return;
      if (answer && !answer.error) { this.stop(); this.take(answer.serial, answer.model); return; }
      if (answer?.error && answer.code !== "nothing_read") { this.stop(); this.say(answer.error); return; }
      await pause(detector ? OWN_PAUSE : PAUSE);
    }
  }

  /** Look once: what the server says about it, or undefined while there is nothing to see yet or the line is down. */
  async glance(detector) {
    if (this.video.readyState < 2) return undefined;
    if (!detector) {
      const picture = await this.picture();
      return picture ? this.ask({ label: picture, live: "1" }) : undefined;
    }
    for (const code of await detector.detect(this.video).catch(() => [])) {
      if (!code.rawValue || code.rawValue === this.refused) continue;
      const answer = await this.ask({ text: code.rawValue });
      if (answer?.code !== "nothing_read") return answer;
      this.refused = code.rawValue; // a shop's barcode is asked about once
    }
    return undefined;
  }

  picture() {
    const { videoWidth, videoHeight } = this.video, by = Math.min(1, WIDEST / videoWidth), canvas = document.createElement("canvas");
    canvas.width = Math.round(videoWidth * by);
    canvas.height = Math.round(videoHeight * by);
    canvas.getContext("2d").drawImage(this.video, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob((blob) => done(blob && new File([blob], "label.jpg", { type: "image/jpeg" })), "image/jpeg", 0.85));
  }

  /** The browser's own reader where it reads QR codes; Chromium on a desktop has the name without the means. */
  async detector() {
    try {
      const formats = await window.BarcodeDetector.getSupportedFormats();
      return formats.includes("qr_code") ? new window.BarcodeDetector({ formats }) : null;
    } catch { return null; }
  }

  stop() {
    this.turn = null;
    for (const track of this.stream?.getTracks() || []) track.stop();
    this.stream = null;
    this.video?.remove();
    if (!this.live) return;
    this.live.querySelector("span").textContent = this.live.dataset.start;
  }
}
if (!customElements.get("hearth-label-scan")) customElements.define("hearth-label-scan", LabelScan);

// A suggestion is taken at once instead of by a round trip.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-use-serial]");
  const field = button?.closest("form")?.querySelector('[name="serial"]');
  if (!field) return;
  event.preventDefault();
  field.value = button.value;
  field.dispatchEvent(new CustomEvent("serial-read", { bubbles: true }));
  field.focus();
});
