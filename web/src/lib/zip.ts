// Just enough of the ZIP format to hold a workbook: files side by side, not compressed.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}

const UTF8_NAMES = 0x0800;
const DATE_1980 = 0x21;

/** The files, by name, as one archive. */
export function zip(files: Record<string, string>): Blob {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, body] = [encoder.encode(path), encoder.encode(text)];
    const sizes = [crc32(body), body.length, body.length] as const;
    const local = record([[4, 0x04034b50], [2, 20], [2, UTF8_NAMES], [2, 0], [2, 0], [2, DATE_1980], [4, sizes[0]], [4, sizes[1]], [4, sizes[2]], [2, name.length], [2, 0]]);
    const central = record([[4, 0x02014b50], [2, 20], [2, 20], [2, UTF8_NAMES], [2, 0], [2, 0], [2, DATE_1980], [4, sizes[0]], [4, sizes[1]], [4, sizes[2]], [2, name.length], [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]);
    parts.push(local, name, body);
    directory.push(central, name);
    offset += local.length + name.length + body.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const count = Object.keys(files).length;
  const end = record([[4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, length], [4, offset], [2, 0]]);
  return new Blob([...parts, ...directory, end] as BlobPart[]);
}

/** Little-endian numbers of 2 or 4 bytes, one after the other. */
function record(fields: [2 | 4, number][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}
