/** A line that is redrawn on a terminal, one line a series elsewhere. */
export function progress(zone: string): (share: number) => void {
  let told = -1;
  return (share) => {
    const percent = Math.floor(100 * share);
    if (percent === told) return;
    told = percent;
    if (process.stderr.isTTY)
      process.stderr.write(`\r\u001b[K${zone}: ${percent} %${percent === 100 ? "\n" : ""}`);
    else if (percent === 100) process.stderr.write(`${zone}: done\n`);
  };
}
