import { PNG } from 'pngjs';
import { sequence } from './data.mjs';

const SIZE = 480;
const image = drawn(SIZE);
const encoded = PNG.sync.write(image);

/** A picture with edges and some noise. */
function drawn(size) {
  const png = new PNG({ width: size, height: size });
  const next = sequence(19);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = (y * size + x) * 4;
      const round = (x - size / 2) ** 2 + (y - size / 2) ** 2 < (size / 3) ** 2;
      png.data[at] = round ? 220 : (x * 255) / size;
      png.data[at + 1] = (y * 255) / size;
      png.data[at + 2] = next() * 32;
      png.data[at + 3] = 255;
    }
  }
  return png;
}

/** Bilinear, from pixels to pixels. */
function resized({ width, height, data }, to) {
  const out = new Uint8Array(to * to * 4);
  for (let y = 0; y < to; y++) {
    const fromY = (y * (height - 1)) / (to - 1);
    const top = Math.floor(fromY);
    const down = Math.min(top + 1, height - 1);
    const dy = fromY - top;
    for (let x = 0; x < to; x++) {
      const fromX = (x * (width - 1)) / (to - 1);
      const left = Math.floor(fromX);
      const right = Math.min(left + 1, width - 1);
      const dx = fromX - left;
      for (let c = 0; c < 4; c++) {
        const above = data[(top * width + left) * 4 + c] * (1 - dx) + data[(top * width + right) * 4 + c] * dx;
        const below = data[(down * width + left) * 4 + c] * (1 - dx) + data[(down * width + right) * 4 + c] * dx;
        out[(y * to + x) * 4 + c] = above * (1 - dy) + below * dy;
      }
    }
  }
  return out;
}

export function resizePixels(to) {
  return resized(image, to).length;
}

/** A thumbnail of a PNG: decoded, made smaller, and encoded. */
export function thumbnail(to) {
  const png = new PNG({ width: to, height: to });
  png.data = Buffer.from(resized(PNG.sync.read(encoded), to).buffer);
  return PNG.sync.write(png).length;
}
