package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Repo;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;

/// The GRANTs that README names are enough for its six commands, and for the way back.
@Tag("slow")
class ReadmeGrantsTest {
    private static final String KEY = "site, toDate(at), visitor";

    private static List<String> grants() {
        var readme = String.join("\n", Repo.lines(Path.of("README.md")));
        var sql = readme.substring(readme.indexOf("```sql") + 6);
        return Stream.of(sql.substring(0, sql.indexOf("```"))
                        .replaceAll("--.*", "")
                        .replaceAll("\\s+", " ")
                        .split(";"))
                .map(String::strip)
                .filter(s -> s.startsWith("GRANT"))
                .map(s -> s.replaceFirst(" TO rekey$", ""))
                .toList();
    }

    @Test
    void theSixCommandsAndTheWayBack() {
        var grants = grants();
        assertTrue(grants.size() >= 4, grants::toString);
        var options = LabOptions.temporary()
                .withoutKafka()
                .withServerXml("<access_control_improvements><table_engines_require_grant>true"
                        + "</table_engines_require_grant></access_control_improvements>")
                .withUser("rekey", "s3cret", grants.toArray(String[]::new));
        try (var lab = EmbeddedLab.start(options);
                var server = lab.clickhouse().connect()) {
            server.execute("CREATE DATABASE shop");
            server.execute("CREATE TABLE shop.hits (site UInt32, at DateTime, visitor String) ENGINE = MergeTree"
                    + " PARTITION BY toYYYYMM(at) ORDER BY (site, at)");
            server.execute("INSERT INTO shop.hits SELECT number % 7, toDateTime('2026-01-01 00:00:00') + number * 900,"
                    + " toString(number % 100) FROM numbers(9000)");
            for (var alias : List.of("plan", "precheck"))
                run(lab, alias, "--order-by", KEY).exits(0);
            run(lab, "migrate", "--order-by", KEY, "--yes").exits(0);
            run(lab, "status").exits(0);
            run(lab, "verify").exits(0);
            run(lab, "rollback", "--yes").exits(0);
            run(lab, "migrate", "--order-by", KEY, "--yes").exits(0);
            run(lab, "finalize", "--yes").exits(0);
            assertEquals(
                    KEY,
                    server.one("SELECT sorting_key AS k FROM system.tables WHERE database = 'shop' AND name = 'hits'")
                            .string("k"));
            assertEquals(9000, server.one("SELECT count() AS n FROM shop.hits").number("n"));
        }
    }

    private static Scripts.Ran run(EmbeddedLab lab, String alias, String... more) {
        return Scripts.run(
                alias,
                Stream.concat(
                                Stream.of(
                                        "--url",
                                        lab.url(),
                                        "--user",
                                        "rekey",
                                        "--password",
                                        "s3cret",
                                        "--database",
                                        "shop",
                                        "--table",
                                        "hits"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }
}
