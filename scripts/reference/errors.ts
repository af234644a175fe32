import { errorCodes } from "../../src/records/index.ts";
import { page, table } from "./markdown.ts";

export function errorsPage(): string {
  return page(
    "Error codes",
    "Every failure has one stable code: in messages of commands, in logs, in the `reason` of dead letters, in the `detail` of actuations.",
    table(
      ["code", "meaning"],
      Object.entries(errorCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
    ),
  );
}
