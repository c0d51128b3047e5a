package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Repo;
import rekey.clickhouse.Sql;

/// `--dry-run` of every command that changes something, wherever a migration stands: it changes nothing, and prints
/// what is left. It is run as a user who may only read, so the server itself would refuse a change.
@Tag("cli")
class DryRunTest {
    private static final List<String> CHANGING = List.of(
            "create",
            "backfill",
            "verify",
            "pause",
            "remaining",
            "swap",
            "resume",
            "optimize",
            "migrate",
            "rollback",
            "stop",
            "finalize");
    private final Hits hits = new Hits();

    @AfterEach
    void drop() {
        hits.close();
    }

    private Scripts.Ran dry(String alias, String... more) {
        var args = new ArrayList<>(List.of("--dry-run", "--user", Labs.READER, "--password", Labs.READER));
        args.addAll(List.of(more));
        return hits.run(alias, args.toArray(String[]::new));
    }

    private List<String> everything() {
        var all = new ArrayList<>(hits.state());
        if (all.stream().anyMatch(t -> t.startsWith("rekey_journal ")))
            all.add("journal lines "
                    + hits.server
                            .one("SELECT count() AS n FROM "
                                    + hits.name.sibling("rekey_journal").sql())
                            .string("n"));
        all.add("mutations "
                + hits.server
                        .one("SELECT count() AS n FROM system.mutations WHERE database = "
                                + Sql.text(hits.name.database()))
                        .string("n"));
        return all;
    }

    private void changesNothing(String where) {
        var before = everything();
        for (var alias : CHANGING) {
            var ran = dry(alias);
            // there may not be two tables to compare
            assertTrue(ran.exitCode() == 0 || alias.equals("verify") && ran.exitCode() == 3, () -> where + ": " + ran);
            assertEquals(before, everything(), () -> where + ": " + ran);
        }
        dry("backfill", "--again").exits(0);
        assertEquals(before, everything());
    }

    private List<String> sql(String alias) {
        return dry(alias, "--json").exits(0).json().stream()
                .flatMap(step -> step.get("sql").valueStream())
                .map(s -> s.asString())
                .toList();
    }

    @Test
    void everyCommandThatChangesSomethingIsTried() throws IOException {
        var all = new TreeSet<String>();
        try (var files = Files.list(Repo.ROOT.resolve("scripts"))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var text = Files.readString(file);
                if (text.contains("@Mixin RunOptions"))
                    all.add(text.replaceFirst("(?s).*@Command\\(name = \"([^\"]+)\".*", "$1"));
            }
        }
        assertTrue(all.remove("events-0002"), "of one table only; as migrate otherwise");
        assertEquals(new TreeSet<>(CHANGING), all);
    }

    @Test
    void whereverAMigrationStands() {
        changesNothing("not begun");
        var planned = sql("create");
        var verbose = hits.run("migrate", "--until", "create", "--verbose")
                .exits(0)
                .errorOutput()
                .replaceAll("UUID '[0-9a-f-]{36}'", "UUID '<uuid>'");
        for (var statement : planned)
            assertTrue(verbose.contains(statement), () -> statement + "\nis not in\n" + verbose);
        changesNothing("created");
        assertEquals(List.of(), sql("create"));
        // a half of it carried: what is left is the other half
        var first = hits.run("backfill", "--chunk-rows", "500", "--verbose")
                .exits(0)
                .errorOutput();
        assertTrue(first.contains("_block_number"));
        hits.insert(500);
        var left = String.join("\n", sql("backfill"));
        var copied = hits.run("backfill", "--verbose").exits(0).errorOutput();
        var conditions = left.lines()
                .filter(l -> l.startsWith("INSERT") && !l.contains(" WHERE <"))
                .map(l -> l.substring(l.indexOf(" WHERE ") + 7, l.indexOf(" SETTINGS async_insert")))
                .toList();
        assertTrue(
                !conditions.isEmpty() && conditions.stream().allMatch(copied::contains),
                () -> left + "\nagainst\n" + copied);
        changesNothing("filled");
        assertTrue(sql("backfill").stream().noneMatch(s -> s.startsWith("INSERT") && !s.contains(" WHERE <")));
        assertTrue(sql("migrate").stream()
                .noneMatch(s -> s.startsWith("CREATE TABLE IF NOT EXISTS "
                        + hits.name.sibling("rekey_journal").sql())));
        hits.run("verify").exits(0);

        // exchanged and not yet renamed: the rename alone is left of the swap
        var target = hits.name.sibling("hits_rekey");
        hits.server.execute("EXCHANGE TABLES " + hits.name.sql() + " AND " + target.sql());
        changesNothing("exchanged");
        assertEquals(
                List.of("RENAME TABLE " + target.sql() + " TO "
                        + hits.name.sibling("hits_backup").sql()),
                sql("swap"));
        hits.server.execute("EXCHANGE TABLES " + hits.name.sql() + " AND " + target.sql());

        hits.run("migrate", "--until", "resume").exits(0);
        hits.insert(10);
        hits.insert(10);
        changesNothing("swapped");
        assertEquals(List.of(), sql("swap"));
        var merges = sql("optimize");
        assertTrue(!merges.isEmpty() && merges.stream().noneMatch(s -> s.contains("<")), merges::toString);
        var optimized = hits.run("optimize", "--verbose").exits(0).errorOutput();
        assertTrue(merges.stream().allMatch(optimized::contains), optimized);
        dry("migrate").says("Nothing is left to do");
        var dropped = sql("finalize");
        var finalized = hits.run("finalize", "--yes", "--verbose").exits(0).errorOutput();
        assertTrue(
                dropped.size() == 2 && dropped.stream().allMatch(finalized::contains),
                () -> dropped + "\nagainst\n" + finalized);
        changesNothing("finalized");
    }
}
