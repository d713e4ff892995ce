// <hearth-label-scan>: a photo of the label is read by the server; where the browser reads codes itself, the camera does.
const fill = (words, values) => (words || "").replace(/\{(\w+)\}/g, (_, key) => values[key]);
const OWN = /\/p\/([^/?#]+)\/?(?:[?#]|$)/;

class LabelScan extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector('input[type="file"]');
    this.status = this.querySelector("[data-scan-status]");
    this.serial = this.closest("form")?.querySelector('[name="serial"]');
    const send = this.querySelector("[data-scan-send]"), live = this.querySelector("[data-scan-live]");
    if (!this.input || !this.serial) return;
    this.input.addEventListener("change", () => this.read());
    if (send) send.hidden = true; // choosing the photo is enough
    const pick = this.querySelector("[data-scan-pick]");
    if (pick) {
      this.input.classList.add("vh");
      this.input.tabIndex = -1;
      pick.hidden = false;
      pick.addEventListener("click", () => this.input.click());
    }
    if (live && "BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia && matchMedia("(pointer: coarse)").matches) {
      live.hidden = false;
      live.addEventListener("click", () => (this.stream ? this.stop() : this.look()));
    }
  }
  disconnectedCallback() { this.stop(); }
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
  async read() {
    const file = this.input.files[0];
    if (!file) return;
    this.say(this.dataset.reading);
    const body = new FormData();
    body.set("label", file, file.name);
    try {
      const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content || "", Accept: "application/json" };
      const answer = await (await fetch(this.dataset.url, { method: "POST", body, headers })).json();
      if (answer.error) this.say(answer.error);
      else this.take(answer.serial, answer.model);
    } catch {
      this.say(this.dataset.failed);
    }
    this.input.value = "";
  }
  async look() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      this.say(this.dataset.failed);
      return;
    }
    this.video = document.createElement("video");
    Object.assign(this.video, { srcObject: this.stream, playsInline: true, muted: true });
    this.append(this.video);
    await this.video.play();
    this.say(this.dataset.look);
    const detector = new window.BarcodeDetector();
    while (this.stream) {
      const [code] = await detector.detect(this.video).catch(() => []);
      if (code?.rawValue) {
        const own = code.rawValue.match(OWN);
        this.stop();
        this.take(own ? decodeURIComponent(own[1]) : code.rawValue, "");
        return;
      }
      await new Promise((done) => setTimeout(done, 250));
    }
  }
  stop() {
    for (const track of this.stream?.getTracks() || []) track.stop();
    this.stream = null;
    this.video?.remove();
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
