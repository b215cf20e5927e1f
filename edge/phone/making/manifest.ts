// What does a phone need to know to install the app? The web app manifest, with icons under names of their content.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";

const SIZES = [192, 512] as const;

export function manifest(root: string): Plugin {
  return {
    name: "calltime-manifest",
    generateBundle() {
      const icons = SIZES.flatMap((size) => {
        const name = `icon-${size}.png`;
        const made = this.emitFile({ type: "asset", name, source: readFileSync(resolve(root, "src/icons", name)) });
        const icon = { src: `/t/${this.getFileName(made)}`, sizes: `${size}x${size}`, type: "image/png" };
        // The picture keeps to the middle four fifths, so a phone may cut a circle out of it.
        return [
          { ...icon, purpose: "any" },
          { ...icon, purpose: "maskable" },
        ];
      });
      this.emitFile({ type: "asset", fileName: "manifest.webmanifest", source: JSON.stringify({ ...ABOUT, icons }) });
    },
  };
}

const ABOUT = {
  id: "/t/",
  start_url: "/t/",
  scope: "/t/",
  name: "Calltime",
  short_name: "Calltime",
  description: "Start and end visits by holding the phone to the tag at the home.",
  lang: "en-GB",
  dir: "ltr",
  display: "standalone",
  orientation: "portrait",
  background_color: "#14424f",
  theme_color: "#14424f",
  categories: ["productivity"],
  // A tag that is opened while the app is open comes to the app, and not to a second one.
  launch_handler: { client_mode: ["navigate-existing", "auto"] },
  handle_links: "preferred",
};
