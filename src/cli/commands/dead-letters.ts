import { Command } from "commander";
import { type LogRecord, readHistory } from "../../client/index.ts";
import { CarmError, type DeadLetter, type ErrorCode, errorCodes } from "../../records/index.ts";
import { type DeadLetterContent, deadLetterContent, replayDeadLetters } from "../../stream/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, type Session, withSettings } from "../runtime/configured.ts";
import { number } from "../runtime/inputs.ts";
import { printFields, printJson, printTable, utc } from "../runtime/print.ts";

interface ListChoice {
  readonly cluster?: string;
  readonly reason?: string;
  readonly topic?: string;
  readonly limit: number;
  readonly json?: boolean;
}

type Letter = LogRecord<"carm.dead-letters">;

/** `carm dead-letters`: the records that could not be used. */
export function deadLettersCommand(context: CliContext): Command {
  const list = filtered(new Command("list"))
    .description("List records that could not be used, newest last, with the reason")
    .option("--limit <n>", "only the newest", number, 50)
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", "\nExample:\n  carm dead-letters list --cluster lab --reason ERR_RECORD_INVALID")
    .action((options: ListChoice) =>
      inSession(context, list, async (session) => {
        const letters = (await lettersOf(session, options)).slice(-options.limit);
        if (options.json) printJson(context.stdout, letters.map(asJson));
        else
          printTable(
            context.stdout,
            ["id", "seen", "cluster", "from", "reason", "detail"],
            letters.map((letter) => [
              idOf(letter),
              utc(letter.value.observedAt),
              letter.value.cluster || null,
              `${letter.value.topic}/${letter.value.partition}@${letter.value.offset}`,
              letter.value.reason,
              letter.value.detail,
            ]),
            "no dead letters",
          );
      }),
    );

  const show = new Command("show")
    .description("Show one of them in full: what its bytes say, and the bytes")
    .argument("<id>", "as carm dead-letters list shows it, for example 3:17")
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", "\nExample:\n  carm dead-letters show 3:17")
    .action((id: string, options: { json?: boolean }) =>
      inSession(context, show, async (session) => {
        const letter = (await pick(session, [id]))[0]!;
        const content = await deadLetterContent(session.codec, letter.value);
        if (options.json) printJson(context.stdout, { ...asJson(letter), content });
        else printFields(context.stdout, fieldsOf(letter, content));
      }),
    );

  const replay = filtered(new Command("replay"))
    .description("Put records back on their topic, once what refused them is mended")
    .argument("[ids...]", "as carm dead-letters list shows them")
    .option("--all", "all that the filters let through")
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText(
      "after",
      "\nExamples:\n  carm dead-letters replay 3:17 3:18\n  carm dead-letters replay --all --cluster lab --reason ERR_CLUSTER_QUARANTINED\n\nWhat is refused again becomes a new dead letter.",
    )
    .action((ids: readonly string[], options: ListChoice & { all?: boolean }) =>
      inSession(context, replay, async (session) => {
        if (ids.length > 0 === (options.all === true)) {
          throw new CarmError(
            "ERR_OPTION_INVALID",
            "name the dead letters to replay, or give --all with filters",
          );
        }
        const letters = options.all ? await lettersOf(session, options) : await pick(session, ids);
        await replayDeadLetters(session.broker, letters);
        if (options.json) printJson(context.stdout, { replayed: letters.map(idOf) });
        else context.stdout.write(`put ${letters.length} records back on their topics\n`);
      }),
    );

  return [list, show, replay]
    .map((command) => withSettings(command))
    .reduce(
      (group, command) => group.addCommand(command),
      new Command("dead-letters").description("See records that could not be used, and put them back"),
    );
}

function filtered(command: Command): Command {
  return command
    .option("--cluster <name>", "of one cluster alone")
    .option("--reason <code>", "with this reason alone, for example ERR_RECORD_INVALID")
    .option("--topic <name>", "from this topic alone");
}

/** Of all partitions: a letter lies where its record was found, wherever its cluster belongs. */
async function lettersOf(
  session: Session,
  { cluster, reason, topic }: Partial<ListChoice>,
): Promise<Letter[]> {
  const letters = await readHistory("carm.dead-letters", { broker: session.broker, codec: session.codec });
  return letters
    .filter(({ value }) => cluster === undefined || value.cluster === cluster)
    .filter(({ value }) => reason === undefined || value.reason === reason)
    .filter(({ value }) => topic === undefined || value.topic === topic)
    .sort((a, b) => a.appendedAt - b.appendedAt);
}

async function pick(session: Session, ids: readonly string[]): Promise<Letter[]> {
  const letters = new Map((await lettersOf(session, {})).map((letter) => [idOf(letter), letter]));
  return ids.map((id) => {
    const letter = letters.get(id);
    if (letter !== undefined) return letter;
    throw new CarmError(
      "ERR_OPTION_INVALID",
      `there is no dead letter ${id}; carm dead-letters list shows them`,
    );
  });
}

function idOf({ partition, offset }: Letter): string {
  return `${partition}:${offset}`;
}

function asJson(letter: Letter): object {
  return { id: idOf(letter), ...letter.value };
}

function fieldsOf(letter: Letter, content: DeadLetterContent): (readonly [string, string | number | null])[] {
  const { cluster, topic, partition, offset, reason, detail, key, value, observedAt } =
    letter.value as DeadLetter;
  return [
    ["id", idOf(letter)],
    ["seen", utc(observedAt)],
    ["cluster", cluster || null],
    ["from", `${topic}, partition ${partition}, offset ${offset}`],
    ["reason", reason],
    ["which means", errorCodes[reason as ErrorCode] ?? null],
    ["detail", detail],
    ["key", key === null ? null : Buffer.from(key).toString("utf8")],
    ["says", content.value === null ? content.problem : JSON.stringify(content.value)],
    ["value (base64)", value === null ? null : Buffer.from(value).toString("base64")],
  ];
}
