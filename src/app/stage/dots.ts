// Draws many packets at once as dots, by writing pixels. It knows positions and colours and nothing else, so the stage
// and a benchmark use the same code.

/** Reads "#2c70a3" or "rgb(44, 112, 163)" as the little-endian RGBA word of an opaque pixel. */
export function pixelOf(colour: string): number {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour.trim());
  const rgb = /^rgba?\(\s*(\d+)[ ,]+(\d+)[ ,]+(\d+)/.exec(colour.trim());
  const [r = 0, g = 0, b = 0] = hex
    ? hex.slice(1).map((part) => Number.parseInt(part, 16))
    : (rgb?.slice(1).map(Number) ?? []);
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

export class Dots {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D | null;
  private image: ImageData | null = null;
  private pixels = new Uint32Array(0);
  /** Rows that the last drawing wrote, to be cleared by the next. */
  private top = 0;
  private bottom = 0;
  private scale = 1;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  /** Size in CSS pixels and device pixels per CSS pixel. Clears the canvas. */
  resize(width: number, height: number, scale: number): void {
    const [w, h] = [
      Math.max(1, Math.round(width * scale)),
      Math.max(1, Math.round(height * scale)),
    ];
    this.scale = scale;
    if (this.canvas.width === w && this.canvas.height === h) return;
    this.canvas.width = w;
    this.canvas.height = h;
    this.image = null;
    this.top = this.bottom = 0;
  }

  /**
   * Draws `count` dots of `size` CSS pixels around (x[i], y[i]) in the colour `palette[owner[i]]`, in place of what was
   * drawn before.
   */
  draw(
    count: number,
    x: Float32Array,
    y: Float32Array,
    owner: Uint8Array,
    palette: Uint32Array,
    size = 3,
  ): void {
    const { context, canvas } = this;
    if (!context) return;
    const { width, height } = canvas;
    if (!this.image) {
      this.image = context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const { pixels, scale } = this;
    pixels.fill(0, this.top * width, this.bottom * width);
    const side = Math.max(1, Math.round(size * scale));
    const half = side / 2;
    let [top, bottom] = [height, 0];
    for (let i = 0; i < count; i++) {
      const left = Math.round((x[i] as number) * scale - half);
      const upper = Math.round((y[i] as number) * scale - half);
      if (left < 0 || upper < 0 || left + side > width || upper + side > height) continue;
      const colour = palette[owner[i] as number] as number;
      for (let row = upper; row < upper + side; row++) {
        const at = row * width + left;
        for (let column = 0; column < side; column++) pixels[at + column] = colour;
      }
      if (upper < top) top = upper;
      if (upper + side > bottom) bottom = upper + side;
    }
    const [from, to] = [Math.min(top, this.top), Math.max(bottom, this.bottom)];
    if (to > from) context.putImageData(this.image, 0, 0, 0, from, width, to - from);
    this.top = Math.min(top, bottom);
    this.bottom = bottom;
  }

  /** Takes everything away. */
  clear(): void {
    if (this.image) this.pixels.fill(0);
    this.top = this.bottom = 0;
    this.context?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
}
