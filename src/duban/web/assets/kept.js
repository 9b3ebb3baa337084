// Files that wait on this device for a connection, in the browser's own database: they outlive the page, the browser and the session.
const NAME = "duban";
const STORE = "files";

function opened() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function ask(mode, act) {
  const base = await opened();
  try {
    return await new Promise((done, failed) => {
      const turn = base.transaction(STORE, mode);
      const asked = act(turn.objectStore(STORE));
      turn.oncomplete = () => done(asked.result);
      turn.onabort = turn.onerror = () => failed(turn.error);
    });
  } finally {
    base.close();
  }
}

// Each of these is a promise that fails where the browser keeps nothing or has no room left.
export const keep = (file) => ask("readwrite", (store) => store.add(file));
export const forget = (id) => ask("readwrite", (store) => store.delete(id));
export const all = () => ask("readonly", (store) => store.getAll());
