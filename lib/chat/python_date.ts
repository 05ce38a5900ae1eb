/** A date as Python's `strftime` writes it, with what chat templates use of that: `%d %B %Y`, `%H:%M`. */
export function pythonDate(date: Date, format: string): string {
  const two = (value: number) => `${value}`.padStart(2, "0");
  const name = (options: Intl.DateTimeFormatOptions) => date.toLocaleDateString("en-US", options);
  const parts: Readonly<Record<string, string>> = {
    "%Y": `${date.getFullYear()}`,
    "%y": two(date.getFullYear() % 100),
    "%m": two(date.getMonth() + 1),
    "%d": two(date.getDate()),
    "%H": two(date.getHours()),
    "%M": two(date.getMinutes()),
    "%S": two(date.getSeconds()),
    "%B": name({ month: "long" }),
    "%b": name({ month: "short" }),
    "%A": name({ weekday: "long" }),
    "%a": name({ weekday: "short" }),
    "%%": "%",
  };
  return format.replace(/%./g, (part) => parts[part] ?? part);
}
