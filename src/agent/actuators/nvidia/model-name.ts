const brands = new Set(["nvidia", "geforce", "tesla", "quadro", "titan"]);

/**
 * The vendor's name of a board as the name that profiles use: `NVIDIA GeForce RTX 4090` is `rtx-4090`,
 * `NVIDIA H100 80GB HBM3` is `h100`. Memory and form factor of datacentre boards are left out: a profile of its own
 * is needed only where they matter, and `carm.profiles` can hold it under any name.
 */
export function gpuModelName(name: string): string {
  const words = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "" && !brands.has(word));
  const isDatacentre = /^(gh|gb|[abhlptv])\d{1,3}[a-z]?$/.test(words[0] ?? "");
  const kept = isDatacentre ? words.slice(0, 1) : words;
  return kept.join("-") || "unknown";
}
