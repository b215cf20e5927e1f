/** Which codes are in a picture? The browser's own detector tells, and where it has none, ZXing, loaded when it is needed. */

export type Decode = (film: HTMLVideoElement) => Promise<readonly string[]>;

interface Detector {
  detect(film: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface DetectorMaker {
  new (options: { readonly formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** A longer side of so many pixels shows a tag at arm's length, and is read in a few milliseconds. */
const ENOUGH = 960;

export async function decoder(): Promise<Decode> {
  const Maker = (globalThis as { readonly BarcodeDetector?: DetectorMaker }).BarcodeDetector;
  if (Maker !== undefined && (await Maker.getSupportedFormats().catch((): readonly string[] => [])).includes("qr_code")) {
    const detector = new Maker({ formats: ["qr_code"] });
    return async (film) => (await detector.detect(film)).map((code) => code.rawValue);
  }
  return await zxing();
}

async function zxing(): Promise<Decode> {
  const [{ prepareZXingModule, readBarcodes }, { default: wasm }] = await Promise.all([
    import("zxing-wasm/reader"),
    import("zxing-wasm/reader/zxing_reader.wasm?url"),
  ]);
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) throw new Error("This browser does not let a page draw.");
  return async (film) => {
    const smaller = Math.min(1, ENOUGH / Math.max(film.videoWidth, film.videoHeight, 1));
    canvas.width = Math.max(1, Math.round(film.videoWidth * smaller));
    canvas.height = Math.max(1, Math.round(film.videoHeight * smaller));
    pen.drawImage(film, 0, 0, canvas.width, canvas.height);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    return (await readBarcodes(picture, { formats: ["QRCode"], maxNumberOfSymbols: 4 })).map((code) => code.text);
  };
}
