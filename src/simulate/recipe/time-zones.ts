/** Where the people of a grid zone read their clocks: IANA names. */
const timeZones: { readonly [zone: string]: string } = {
  "AU-NSW": "Australia/Sydney",
  "CA-ON": "America/Toronto",
  DE: "Europe/Berlin",
  ES: "Europe/Madrid",
  FR: "Europe/Paris",
  GB: "Europe/London",
  KR: "Asia/Seoul",
  NO: "Europe/Oslo",
  PL: "Europe/Warsaw",
  SE: "Europe/Stockholm",
  "US-CAL-CISO": "America/Los_Angeles",
  "US-MIDA-PJM": "America/New_York",
  "US-NE-ISNE": "America/New_York",
  "US-TEX-ERCO": "America/Chicago",
  ZA: "Africa/Johannesburg",
};

/** IANA time zone of a grid zone; UTC for one that is not listed. */
export function timeZoneOf(zone: string): string {
  return timeZones[zone] ?? "UTC";
}

/** Hour of the day, 0 to 23, in a time zone. */
export function localHours(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", hourCycle: "h23" });
  return (atMs) => Number(format.format(atMs));
}
