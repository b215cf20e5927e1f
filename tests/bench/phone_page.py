"""What does the bench put into the app's pages? A tag reader, a look at when something was painted, and older taps."""

from __future__ import annotations

from playwright.sync_api import Page

SLOWER = 6

# Web NFC as Android's browser has it. `heldTo` notes when the tag was read.
READER = """
window.NDEFReader = class extends EventTarget {
  async scan() { window.heldTo = (address) => {
    const event = new Event("reading");
    event.message = { records: [{ recordType: "url", data: new DataView(new TextEncoder().encode(address).buffer) }] };
    window.heldTo = undefined;
    window.paintedAt = {};
    window.readAt = performance.now();
    this.dispatchEvent(event);
  }; }
};
"""
# When did a heading come to stand in a frame that was painted? What is posted within a frame's own callback runs after its painting.
PAINTED = """
window.paintedAt = {};
window.readAt = 0;
new MutationObserver(() => {
  const word = document.querySelector("h1")?.textContent.split(" ")[0];
  if (!word || word in paintedAt) return;
  paintedAt[word] = null;
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { paintedAt[word] = performance.now() - readAt; };
    port2.postMessage(null);
  });
}).observe(document, { childList: true, subtree: true, characterData: true });
"""
# A second tap within a minute is taken for a slip of the hand, and a bench does not wait. What is signed stays as it is.
AGES = """
new Promise((done, failed) => {
  const opening = indexedDB.open("calltime");
  opening.onsuccess = () => {
    const tx = opening.result.transaction("record", "readwrite");
    const walk = tx.objectStore("record").openCursor();
    walk.onsuccess = () => {
      if (walk.result === null) return;
      const row = walk.result.value;
      walk.result.update({ ...row, at: row.at - 120000, clock: { ...row.clock, up_ms: row.clock.up_ms - 120000 } });
      walk.result.continue();
    };
    tx.oncomplete = () => { opening.result.close(); done(); };
    tx.onabort = () => failed(tx.error);
  };
})
"""


def slow(page: Page) -> None:
    """Give the page a sixth of the processor from now on."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def when_painted(page: Page, word: str) -> float:
    """Wait until a heading that begins with the word was painted; say how many ms after the reading, or after the page was opened."""
    return float(page.wait_for_function("word => window.paintedAt?.[word]", arg=word, polling=50).json_value())
