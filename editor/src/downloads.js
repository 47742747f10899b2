// Downloads in every format, and copies of the picture.
import { postForFile } from "./api.js";
import { $, make, notify } from "./elements.js";

const save = (blob, name) => {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
};

const report = (error) => notify(`Not possible: ${error.data?.problems?.[0]?.message ?? error.message}`);

/** Fill the menu. `requestOf` returns what to draw, `nameOf` the name of the file without its ending. */
export const fillDownloadMenu = (formats, requestOf, nameOf) => {
  const download = async (format) => {
    $("download-menu").hidePopover();
    try {
      save(await postForFile(`/write/${format.name}`, requestOf()), `${nameOf()}.${format.ending}`);
      notify(`Downloaded ${nameOf()}.${format.ending}`);
    } catch (error) {
      report(error);
    }
  };
  $("download-menu").append(
    ...formats.map((format) =>
      make(
        "button",
        { type: "button", dataset: { format: format.name }, onclick: () => download(format) },
        make("span", {}, format.title),
        make("small", {}, `.${format.ending}`),
      ),
    ),
  );
  $("copy-png").addEventListener("click", () => copy("png", "image/png", requestOf));
  $("copy-svg").addEventListener("click", () => copy("svg", "text/plain", requestOf));
};

const copy = async (format, type, requestOf) => {
  $("download-menu").hidePopover();
  try {
    const content = postForFile(`/write/${format}`, requestOf()).then((blob) => new Blob([blob], { type }));
    await navigator.clipboard.write([new ClipboardItem({ [type]: content })]);
    notify(`Copied the ${format.toUpperCase()}`);
  } catch (error) {
    report(error);
  }
};
