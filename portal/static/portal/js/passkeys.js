// <hearth-passkey data-mode="login|authenticate|add">: the browser's passkey dialogue around a form with a hidden field "credential".
// "login" fetches its options from the form's address, the others read them from <script id="js_data" type="application/json">.

const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const described = (list) => (list || []).map((item) => ({ ...item, id: decode(item.id) }));

function base(credential) {
  const { type, id, rawId, authenticatorAttachment } = credential;
  return { type, id, rawId: encode(rawId), authenticatorAttachment, clientExtensionResults: credential.getClientExtensionResults() };
}

async function use({ publicKey }) {
  const options = { ...publicKey, challenge: decode(publicKey.challenge), allowCredentials: described(publicKey.allowCredentials) };
  const credential = await navigator.credentials.get({ publicKey: options });
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  const response = { clientDataJSON: encode(clientDataJSON), authenticatorData: encode(authenticatorData), signature: encode(signature) };
  return { ...base(credential), response: { ...response, userHandle: userHandle ? encode(userHandle) : null } };
}

async function make({ publicKey }, passwordless) {
  const options = { ...publicKey, challenge: decode(publicKey.challenge), excludeCredentials: described(publicKey.excludeCredentials) };
  options.user = { ...publicKey.user, id: decode(publicKey.user.id) };
  options.authenticatorSelection = { ...publicKey.authenticatorSelection, residentKey: passwordless ? "required" : "discouraged", requireResidentKey: passwordless };
  if (passwordless) options.authenticatorSelection.userVerification = "required";
  const credential = await navigator.credentials.create({ publicKey: options });
  const { clientDataJSON, attestationObject } = credential.response;
  const transports = credential.response.getTransports?.() || [];
  return { ...base(credential), response: { clientDataJSON: encode(clientDataJSON), attestationObject: encode(attestationObject), transports } };
}

class Passkey extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    if (!this.form || !globalThis.PublicKeyCredential) return;
    this.hidden = false;
    this.form.addEventListener("submit", (event) => this.start(event));
  }

  async options() {
    if (this.dataset.mode !== "login") return JSON.parse(document.getElementById("js_data").textContent);
    const answer = await fetch(this.form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  async start(event) {
    const field = this.form.elements.credential;
    if (field.value) return;
    event.preventDefault();
    this.say("");
    try {
      const options = await this.options();
      const passwordless = this.form.elements.passwordless?.checked ?? false;
      const credential = this.dataset.mode === "add" ? await make(options.creation_options, passwordless) : await use(options.request_options);
      field.value = JSON.stringify(credential);
      this.form.submit();
    } catch {
      this.say(this.dataset.failed);
    }
  }

  say(words) {
    const line = this.querySelector('[role="alert"]');
    if (!line) return;
    line.textContent = words;
    line.hidden = !words;
  }
}

if (!customElements.get("hearth-passkey")) customElements.define("hearth-passkey", Passkey);
