export const mebibyte = 1024 * 1024;

/** A number of bytes for people: `512 B`, `8.3 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const scaled = bytes / 1024 ** power;
  return `${power === 0 ? bytes : Math.round(scaled * 10) / 10} ${units[power]}`;
}
