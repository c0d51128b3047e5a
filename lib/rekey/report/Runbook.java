package rekey.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import rekey.check.Check.Verdict;
import rekey.migration.Migration;
import rekey.model.Amounts;
import rekey.run.CheckResults;
import rekey.run.Plan;
import rekey.session.Session;
import rekey.step.Position;

/// What would be done on one table, as Markdown: to be read before, followed while it is done, and kept afterwards.
/// Once with rekey's own commands, once as plain SQL for a person who has nothing but clickhouse-client. Made by
/// reading only.
public final class Runbook {
    private final Session session;
    private final Migration migration;
    private final String options;
    private final Plan plan;
    private final List<String> out = new ArrayList<>();

    private Runbook(Session session, Migration migration, String options) {
        this.session = session;
        this.migration = migration;
        this.options = options;
        this.plan = Plan.of(session, migration);
    }

    /// @param options by which a command of rekey's finds this migration, as a person types them
    public static String of(Session session, Migration migration, String options) {
        return new Runbook(session.glance(), migration, options).markdown();
    }

    private String markdown() {
        say("# Runbook: migration " + plan.migration() + " of `" + plan.table() + "`");
        var now = session.server().one("SELECT toString(now('UTC')) AS t, version() AS v");
        say("Made by reading only, at " + now.string("t") + " UTC on ClickHouse " + now.string("v") + "; state: "
                + plan.state() + "; plan `" + plan.hash() + "`.\n"
                + "Made anew it is true anew: when the table's definition has changed since, don't follow this one.");
        boolean begun = !(Position.of(session) instanceof Position.NotBegun);
        if (plan.steps().isEmpty() || plan.differs().isEmpty() && !begun) {
            say("Nothing is to be done: `" + plan.table() + "` has the keys.");
            return String.join("\n\n", out) + "\n";
        }
        what();
        before(begun);
        withRekey();
        new RunbookHosts(session, this::jbang).sections().forEach(this::say);
        if (!begun) byHand();
        else
            say("## By hand\n\n"
                    + "This migration was begun with rekey, whose journal tells what has been carried: go on, or"
                    + " go back, with rekey. Plain SQL for all of it is in the runbook of a migration that has not"
                    + " begun.");
        return String.join("\n\n", out) + "\n";
    }

    private void what() {
        say("## What is to be done");
        say(plan.differs().stream()
                .map(d -> "- " + d.key() + ": `" + (d.is().isEmpty() ? "(none)" : d.is()) + "` becomes `"
                        + (d.wanted().isEmpty() ? "(none)" : d.wanted()) + "`")
                .collect(Collectors.joining("\n")));
        var e = plan.estimate();
        say("""
            | | |
            | --- | --- |
            | to copy | %s, %s, in %s |
            | free disk wanted | %s |
            | expected time of the copy | about %s (%s) |
            | ingestion held, with rekey | at most about %s |
            | ingestion held, by hand | half a minute: the running batches, and your own pace; give it up after 45 s |
            | how new rows are told | %s |\
            """.formatted(
                        Amounts.count(plan.rows(), "row"),
                        Amounts.bytes(plan.bytes()),
                        Amounts.count(plan.chunks().size(), "chunk"),
                        Amounts.bytes(plan.diskBytes()),
                        Amounts.time(Duration.ofSeconds(e.copySeconds())),
                        e.copyBasis(),
                        Amounts.time(Duration.ofMillis(e.heldMs())),
                        plan.marks()));
        say("### Whom rows depend on");
        var dependants = session.catalog().dependants(session.rewrite().source());
        var who = new ArrayList<String>();
        plan.ingestion().forEach(i -> who.add("feeds it: " + i));
        if (plan.ingestion().isEmpty())
            who.add("no Kafka table feeds it: nothing can be paused; its writers must be quiet for the exchange");
        dependants.forEach(d -> who.add("reads from it, told of each INSERT: " + d));
        if (dependants.isEmpty()) who.add("no view reads from it");
        say(list(who));
        say("They find the table by its name, and go on through the exchange. Dictionaries and queries that name"
                + " it do as well.");
    }

    private void before(boolean begun) {
        say("## Before you begin");
        if (!plan.refusals().isEmpty())
            say("**Refused now: do not begin before these are mended.**\n\n" + list(plan.refusals()));
        if (!plan.warnings().isEmpty()) say("Warnings:\n\n" + list(plan.warnings()));
        var verdicts = (begun ? CheckResults.during(session) : CheckResults.before(session, migration)).verdicts();
        say("What was seen when this was made; `" + jbang(begun ? "healthcheck" : "precheck") + "` looks again:");
        say("| check | | saw | needs |\n| --- | --- | --- | --- |\n"
                + verdicts.stream().map(Runbook::row).collect(Collectors.joining("\n")));
    }

    private static String row(Verdict v) {
        return ("| " + v.name() + " | " + v.verdict().name().toLowerCase() + " | " + cell(v.saw()) + " | "
                        + cell(v.needs()) + " |")
                .replaceAll("\\s*\\n\\s*", " ");
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    private void withRekey() {
        say("## With rekey");
        var e = session.server().endpoint();
        say("```\nexport CLICKHOUSE_URL=" + e.url() + " CLICKHOUSE_USER=" + e.user()
                + "     # and CLICKHOUSE_PASSWORD, or --password\n```");
        say("One command does it all, and run again it goes on where it was:");
        say("```\n" + jbang("migrate") + " --dry-run\n" + jbang("migrate")
                + (plan.hash().isEmpty()
                        ? ""
                        : " --plan "
                                + plan.hash()
                                        .substring(0, Math.min(12, plan.hash().length())))
                + "\n```");
        say("Or one operation after the other; each can be run twice, and says what it would do with `--dry-run`:");
        var rows = new ArrayList<String>();
        for (var step : plan.steps())
            rows.add("| `" + jbang(step.name()) + "` | " + cell(step.says()) + " | " + RunbookAdvice.worked(step.name())
                    + " | " + RunbookAdvice.undo(step.name()) + " |");
        say("| command | what it does | it worked when | taken back by |\n| --- | --- | --- | --- |\n"
                + String.join("\n", rows));
        say("Meanwhile, from any terminal:");
        say("```\n"
                + String.join(
                        "\n",
                        jbang("status")
                                + "      # step, rows, time left, held time, the last error, what you can do now",
                        jbang("stop") + "        # ends it and its query on the server; migrate goes on from there",
                        jbang("rollback") + "    # back, before or after the exchange, with every row",
                        jbang("finalize") + "    # drops the old table: the end of the way back")
                + "\n```");
        say("### What it runs");
        for (var step : plan.steps())
            if (!step.sql().isEmpty())
                say("<details><summary>" + step.name() + "</summary>\n\n```\n" + statements(step.sql()) + "\n```\n\n"
                        + (step.undo().isEmpty()
                                ? ""
                                : "Taken back by\n\n```\n" + statements(step.undo()) + "\n```\n\n")
                        + "</details>");
        say("### When to stop");
        say(RunbookAdvice.WHEN_TO_STOP);
    }

    private static String statements(List<String> sql) {
        return sql.stream().map(s -> s.startsWith("--") ? s : s + ";").collect(Collectors.joining("\n"));
    }

    private void byHand() {
        if (session.source().replicated()) {
            say("## By hand");
            say("A replicated table can't be rewritten by these few statements: on it a lower block may come after a"
                    + " higher one, and each host has settings of its own. Use the commands above; what each of them"
                    + " runs is shown by `--dry-run`.");
            return;
        }
        if (session.everyPeer().size() > 1) {
            say("## By hand");
            say("The tables of several shards are paused and exchanged together. Use the commands above; what each of"
                    + " them runs is shown by `--dry-run`.");
            return;
        }
        if (session.source().folds()) {
            say("## By hand");
            say("A table whose merges fold rows can't be rewritten by these few statements: its merges must be held for"
                    + " the whole copy, the parts that were carried be known by name, and what was merged all the same"
                    + " be copied anew. Use the commands above; what each of them runs is shown by `--dry-run`.");
            return;
        }
        var t = RunbookTables.of(session);
        var hand = new RunbookByHand(t, session.limits().chunkRows());
        var back = new RunbookBack(t, hand);
        say("## By hand, with clickhouse-client");
        say(RunbookAdvice.BY_HAND);
        section("0. Before", RunbookAdvice.preconditions(t, plan.diskBytes()));
        section("1. Create: a new table with the updated schema", hand.create());
        section("2. Backfill, while Kafka is read", hand.backfill());
        section("3. Pause: Kafka's views stop", hand.pause());
        section("4. Remaining: the last rows", hand.remaining());
        section("5. Swap", hand.swap());
        section("6. Resume, and what was left behind", hand.resume());
        section("7. Optimize", hand.optimize());
        section("8. Finalize: days later", hand.end());
        section("A. Going back before the exchange", back.before());
        section("B. Going back after it", back.after());
        say("### If a block stops half-way, or a copy differs");
        say(RunbookAdvice.HALF_WAY);
        RunbookAdvice.halfWay(t).forEach(b -> say(b.markdown().strip()));
        say("### When to stop by hand");
        say(RunbookAdvice.WHEN_TO_STOP_BY_HAND);
    }

    private void section(String title, List<RunbookBlock> blocks) {
        say("### " + title);
        blocks.forEach(b -> say(b.markdown().strip()));
    }

    private String jbang(String alias) {
        return "./jbang " + alias + " " + options;
    }

    private static String list(List<String> lines) {
        return lines.stream().map(l -> "- " + l).collect(Collectors.joining("\n"));
    }

    private void say(String text) {
        out.add(text);
    }
}
