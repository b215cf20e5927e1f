// How is the app built, served for looking at, and tested? `making/build.ts` adds what only a whole build needs.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/t/",
  publicDir: false,
  appType: "spa",
  build: {
    outDir: "../../server/calltime_server/web/static/phone",
    emptyOutDir: true,
    target: ["es2022", "chrome94", "safari15.4", "firefox100"],
    assetsInlineLimit: 0, // the content security policy knows no data: but for pictures
    modulePreload: false, // the service worker has it all, and nothing is preloaded
    sourcemap: false,
    reportCompressedSize: false,
  },
  define: { __LINK__: JSON.stringify(""), __SOFTWARE__: JSON.stringify("calltime-phone development") },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    testTimeout: 20_000, // a machine that is busy with other tests is slow, and nothing is wrong
  },
} as Parameters<typeof defineConfig>[0]);
