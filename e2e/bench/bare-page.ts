// The bare canvas page that a frame of the product is compared with: the same number of dots of the same size on a
// canvas of the same size, one behind the other on one way across it, and nothing else on the page. Runs in the browser.

export interface BareOptions {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** "rectangles": one fillRect per dot, by colour. "pixels": written into an ImageData, as the product does. */
  readonly way: "rectangles" | "pixels";
}

/** Starts the animation; to be handed to page.evaluate as it is. */
export function drawBare({ width, height, count, way }: BareOptions): void {
  const HUES = 8;
  const SIZE = 3;
  const TRAVEL = 1500;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  document.body.replaceChildren(canvas);
  const context = canvas.getContext("2d");
  if (!context) return;
  const colours = Array.from({ length: HUES }, (_, hue) => `hsl(${hue * 45} 60% 45%)`);
  const words = colours.map((_, hue) => 0xff00_0000 | (hue * 0x1f_3f5f));
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);

  const place = (now: number) => {
    for (let i = 0; i < count; i++) {
      const share = (now / TRAVEL + i / count) % 1;
      x[i] = share * (width - SIZE);
      y[i] = (height - SIZE) * (0.5 + 0.4 * Math.sin(share * 12));
    }
  };
  const rectangles = () => {
    context.clearRect(0, 0, width, height);
    for (let hue = 0; hue < HUES; hue++) {
      context.fillStyle = colours[hue] ?? "";
      for (let i = hue; i < count; i += HUES) context.fillRect(x[i] ?? 0, y[i] ?? 0, SIZE, SIZE);
    }
  };
  const writePixels = () => {
    pixels.fill(0);
    for (let i = 0; i < count; i++) {
      const at = Math.min(height - SIZE, Math.round(y[i] ?? 0)) * width + Math.round(x[i] ?? 0);
      const word = words[i % HUES] ?? 0;
      for (let row = 0; row < SIZE; row++)
        pixels.fill(word, at + row * width, at + row * width + SIZE);
    }
    context.putImageData(image, 0, 0);
  };
  const draw = way === "rectangles" ? rectangles : writePixels;
  const frame = (now: number) => {
    place(now);
    draw();
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
