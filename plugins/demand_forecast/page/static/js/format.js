// Figures and moments as the reader's language writes them, in the region's timezone.

// Browsers write GMT+9 where the people of the place write something else.
const ZONE_NAMES = { "Asia/Seoul": "KST", "Asia/Tokyo": "JST" };
const NOTHING = "–";

export function formatter(language, timezone) {
  const locale = language === "ko" ? "ko-KR" : "en-GB";
  const numbers = new Map();
  const number = (value, digits) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
    if (!numbers.has(digits)) {
      const style = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      numbers.set(digits, new Intl.NumberFormat(locale, style));
    }
    return numbers.get(digits).format(value);
  };
  const unit = (value, digits, name) => {
    const text = number(value, digits);
    return text === NOTHING ? text : `${text} ${name}`;
  };
  const moments = (options) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: timezone, ...options });
    return (moment) => format.format(new Date(moment));
  };
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const isoDay = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" });
  const date = { year: "numeric", month: "short", day: "numeric" };
  return {
    // A feeder has single megawatts, a country tens of thousands.
    megawatts: (value) => unit(value, Math.abs(value) < 20 ? 2 : 0, "MW"),
    energy: (value) => (Math.abs(value) < 1e4 ? unit(value, 0, "MWh") : unit(value / 1e3, 1, "GWh")),
    percent: (value, digits = 2) => unit(value, digits, "%"),
    megabytes: (bytes) => unit(bytes / 1e6, bytes < 1e8 ? 1 : 0, "MB"),
    number,
    moment: moments({ ...date, ...clock }),
    shortMoment: moments({ weekday: "short", month: "short", day: "numeric", ...clock }),
    date: moments(date),
    axisDay: moments({ month: "short", day: "numeric" }),
    // Of a moment that stands for a calendar day: noon UTC, which is the next day already in the far east.
    calendarDay: moments({ month: "short", day: "numeric", timeZone: "UTC" }),
    weekday: moments({ weekday: "short", month: "short", day: "numeric", timeZone: "UTC" }),
    // Of the region's calendar, 2026-11-01, whatever the reader's language.
    isoDay: (moment) => isoDay.format(new Date(moment)),
    hour: moments(clock),
    zone: () => ZONE_NAMES[timezone] || zoneName(locale, timezone),
  };
}

function zoneName(locale, timezone) {
  const parts = new Intl.DateTimeFormat(locale, { timeZone: timezone, timeZoneName: "short" }).formatToParts();
  return parts.find((part) => part.type === "timeZoneName")?.value || timezone;
}

// "since {when}" and { when: "1 Nov" } -> "since 1 Nov"
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}
