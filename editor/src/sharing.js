// Links that contain the source. Nothing is sent anywhere: the part of an address behind `#` stays in the browser.
import { createDialog, open } from "./dialogs.js";
import { make, notify } from "./elements.js";

const LARGEST = 1_000_000; // Characters of a source.

const throughStream = async (bytes, stream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

const toBase64 = (bytes) => {
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

const fromBase64 = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

/** Return a link to a new diagram with a source. */
export const linkTo = async (text, language) => {
  const bytes = new TextEncoder().encode(JSON.stringify({ text, language }));
  return `${location.origin}/edit#source=${toBase64(await throughStream(bytes, new CompressionStream("deflate-raw")))}`;
};

/** Return the source in a link, or null if there is none or it is damaged. */
export const sourceOf = async (hash) => {
  const match = /^#source=([\w-]+)$/.exec(hash);
  if (!match) return null;
  try {
    const reader = new Blob([fromBase64(match[1])]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const chunks = [];
    let size = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.length;
      if (size > 4 * LARGEST) throw new Error("too large");
      chunks.push(part.value);
    }
    const { text, language } = JSON.parse(await new Blob(chunks).text());
    return typeof text === "string" && text.length <= LARGEST ? { text, language: String(language) } : null;
  } catch {
    return null;
  }
};

/** Show a link to a source, and copy it. */
export const share = async (text, language) => {
  const link = await linkTo(text, language);
  const field = make("input", { type: "text", readOnly: true, value: link, id: "share-link" });
  const copyButton = make("button", { type: "button", class: "primary" }, "Copy link");
  const dialog = createDialog(
    "share-dialog",
    "Share a link",
    make("p", {}, "The link contains the source itself, compressed, behind the #. Whoever runs diagramkit serve at the same address can open it; nothing is uploaded."),
    make("label", { for: "share-link" }, "Link"),
    make("div", { class: "row" }, field, copyButton),
    make("p", { class: "note" }, `${link.length.toLocaleString("en")} characters${link.length > 2000 ? "; some programs shorten links of more than 2,000" : ""}`),
  );
  copyButton.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(link);
      notify("Copied the link");
      dialog.close();
    } catch {
      field.select();
      notify("Copy the selected link");
    }
  });
  field.addEventListener("focus", () => field.select());
  await open(dialog);
  dialog.remove();
};
