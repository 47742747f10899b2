// Drafts: what was typed and is not saved, kept by the browser.
//
// Every change is written at once to two places. `localStorage` is complete as soon as the call returns, so that it
// survives a reload. IndexedDB with strict durability is on the disk when its transaction ends, so that it survives a
// crash of the browser. The newer of the two counts.
const DATABASE = "diagramkit";
const STORE = "drafts";
const PREFIX = "diagramkit-draft:";
const SLOTS = 20;

let database = null;

const opened = () => {
  database ??= new Promise((done, failed) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return database;
};

const fromDatabase = async (method, ...keys) => {
  try {
    const store = (await opened()).transaction(STORE).objectStore(STORE);
    return await new Promise((done, failed) => {
      const request = store[method](...keys);
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
  } catch {
    return undefined; // The browser keeps no data here.
  }
};

const toDatabase = async (key, record) => {
  const transaction = (await opened()).transaction(STORE, "readwrite", { durability: "strict" });
  transaction.objectStore(STORE).put(record, key);
  transaction.commit?.();
  await new Promise((done, failed) => {
    transaction.oncomplete = done;
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
};

const fromStorage = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};

const read = async (key) => {
  const records = [fromStorage(key), await fromDatabase("get", key)].filter(Boolean);
  return records.sort((a, b) => b.sequence - a.sequence)[0] ?? null;
};

/** Take the key if no other tab has it, for as long as this tab exists. */
const take = (key) =>
  new Promise((done) => {
    if (!navigator.locks) return done(true);
    return navigator.locks.request(key, { ifAvailable: true }, (lock) => {
      done(lock !== null);
      return lock && new Promise(() => {});
    });
  });

/** The place of one draft. Each tab that edits the same file has a place of its own. */
class DraftPlace {
  constructor(key, record) {
    this.key = key;
    this.record = record?.text == null ? null : record;
    this.sequence = record?.sequence ?? 0;
    this.isKept = true;
    this.waiting = null;
    this.isWriting = false;
  }

  /** Keep a draft: its `text`, and what else is known about it. `isKept` tells whether the browser could. */
  write(record) {
    this.sequence = Math.max(this.sequence + 1, Date.now());
    this.record = record;
    this.#store({ ...record, sequence: this.sequence });
  }

  /** Forget the draft, because it is saved. */
  clear() {
    if (this.record === null) return;
    this.record = null;
    this.sequence += 1;
    this.#store({ text: null, sequence: this.sequence });
  }

  #store(record) {
    this.isKept = true;
    try {
      localStorage.setItem(this.key, JSON.stringify(record));
    } catch {
      this.isKept = false; // It is full or blocked.
    }
    this.waiting = record;
    if (!this.isWriting) this.#writeWaiting();
  }

  async #writeWaiting() {
    this.isWriting = true;
    while (this.waiting) {
      const record = this.waiting;
      this.waiting = null;
      try {
        await toDatabase(this.key, record);
        this.isKept = true;
      } catch {
        // It is full or blocked; `isKept` tells whether the other place has the draft.
      }
    }
    this.isWriting = false;
  }
}

/** Return the place of the draft of a file: the first one with a draft that no other tab has open, or a free one. */
export const openDraft = async (project, file) => {
  const keys = Array.from({ length: SLOTS }, (_, slot) => `${PREFIX}${project}:${file}#${slot}`);
  const records = await Promise.all(keys.map(read));
  const places = keys.map((key, slot) => [key, records[slot]]);
  places.sort((a, b) => Number(b[1]?.text != null) - Number(a[1]?.text != null));
  for (const [key, record] of places) if (await take(key)) return new DraftPlace(key, record);
  return new DraftPlace(`${keys[0]}-${Date.now()}`, null);
};

/** Return all drafts of a project, newest first. */
export const allDrafts = async (project) => {
  const begin = `${PREFIX}${project}:`;
  const stored = Object.keys(localStorage).filter((key) => key.startsWith(begin));
  const inDatabase = ((await fromDatabase("getAllKeys")) ?? []).filter((key) => key.startsWith(begin));
  const records = await Promise.all([...new Set([...stored, ...inDatabase])].map(read));
  return records.filter((record) => record?.text != null).sort((a, b) => b.sequence - a.sequence);
};
