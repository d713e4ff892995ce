// Files of a conversation that the server has not got yet: kept in this browser (IndexedDB), shared by its tabs, over reloads.
// Where the browser keeps nothing they live as long as the page.

const NAME = "hearth-chat", STORE = "files", OLDEST = 7 * 24 * 3600 * 1000;

const opened = () => new Promise((done, fail) => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "client_id" }).createIndex("key", "key");
  request.onsuccess = () => done(request.result);
  request.onerror = request.onblocked = () => fail(request.error);
});

export class FileBox {
  constructor(key) {
    this.key = key;
    this.memory = new Map();
    try { this.base = opened().catch(() => null); } catch { this.base = Promise.resolve(null); }
  }

  async work(mode, ask) {
    const base = await this.base;
    if (!base) return null;
    return new Promise((done) => {
      try {
        const step = base.transaction(STORE, mode), request = ask(step.objectStore(STORE));
        step.oncomplete = () => done(request.result);
        step.onabort = step.onerror = () => done(null); // full or forbidden: memory has to do
      } catch { done(null); }
    });
  }

  /** Keep one file until the server has it. Resolves when it is kept. */
  async add(client_id, file) {
    const item = { client_id, key: this.key, name: file.name || "", type: file.type, at: Date.now(), file };
    this.memory.set(client_id, item);
    await this.work("readwrite", (store) => store.put(item));
  }

  async drop(client_id) {
    this.memory.delete(client_id);
    await this.work("readwrite", (store) => store.delete(client_id));
  }

  /** Resolves to the files of this conversation that wait, the oldest first; what is older than a week is forgotten. */
  async all() {
    const kept = (await this.work("readonly", (store) => store.index("key").getAll(this.key))) || [];
    const found = new Map([...kept, ...this.memory.values()].map((item) => [item.client_id, item]));
    for (const item of found.values()) if (Date.now() - item.at > OLDEST) { found.delete(item.client_id); this.drop(item.client_id); }
    return [...found.values()].sort((one, two) => one.at - two.at);
  }

  /** Whether the file still waits: another tab may have sent it. */
  async has(client_id) { return (await this.all()).some((item) => item.client_id === client_id); }

  /** Do `work` while no other tab of this browser does the same for this file; resolves to its result, or undefined when one does. */
  alone(client_id, work) {
    if (!navigator.locks) return work();
    return navigator.locks.request(`hearth-chat:file:${client_id}`, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
  }
}
