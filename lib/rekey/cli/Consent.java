package rekey.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import rekey.ingestion.HostGates;
import rekey.migration.Migration;
import rekey.model.Amounts;
import rekey.model.Keys;
import rekey.run.CheaperWay;
import rekey.run.Estimate;
import rekey.run.Plan;
import rekey.run.Status;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.IngestionHosts;
import rekey.session.Session;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Steps;

/// What will happen to a live table, in five plain lines, before somebody says yes to it.
public final class Consent {
    /// These change nothing of the live table.
    private static final Set<String> ASIDE = Set.of("create", "verify");

    private final Session session;
    private final Migration migration;

    public Consent(Session session, Migration migration) {
        this.session = session;
        this.migration = migration;
    }

    /// Before the operations that are left are run, up to one of them.
    ///
    /// @param until null for all
    /// @return nothing where the live table is left as it is
    List<String> migrate(String until) {
        if (until == null) return migrate();
        var names = Steps.flat(migration.steps()).stream().map(Step::name).toList();
        boolean done = Plan.left(session, migration).stream()
                .noneMatch(s -> names.indexOf(s.name()) <= names.indexOf(until) && !ASIDE.contains(s.name()));
        if (done) return List.of();
        return switch (until) {
            case "backfill", "verify" -> copy(until);
            case "pause", "remaining" -> toThePause();
            default -> migrate();
        };
    }

    /// Before rows are copied, and nothing is exchanged.
    ///
    /// @param until the last operation
    List<String> copy(String until) {
        return List.of(
                copied(),
                "Its new key: ORDER BY " + keys().orderBy() + ".",
                session.rewrite().source()
                        + " goes on meanwhile. It is given settings that the copy needs; rollback and"
                        + " finalize take them back.",
                "It ends after " + until + ": nothing is exchanged. " + ingestionGoesOn(),
                "stop or Ctrl-C ends it at any time; migrate goes on from there, rollback drops what was copied.");
    }

    /// Before the copy alone; nothing where the tables are exchanged already, for then nothing is copied.
    List<String> backfill() {
        return switch (Position.of(session)) {
            case Position.NotBegun n -> copy("backfill");
            case Position.Created c -> copy("backfill");
            default -> List.of();
        };
    }

    private List<String> toThePause() {
        return List.of(
                copied() + " Its new key: ORDER BY " + keys().orderBy() + ".",
                stops(),
                reopened(),
                session.rewrite().source() + " keeps its keys and its name: nothing is exchanged before swap.",
                "resume opens ingestion at any time; migrate goes on from there, rollback goes back.");
    }

    /// Before ingestion is paused by hand; nothing where it stands already.
    List<String> pause() {
        if (new Pause().state(session).phase() == Step.Phase.DONE) return List.of();
        return List.of(
                stops(),
                "What has not been carried yet is carried first and checked; where anything differs nothing is paused.",
                reopened(),
                session.rewrite().source() + " keeps its keys and its rows; its merges wait meanwhile.",
                "swap goes on from there; resume "
                        + (fed() ? "opens ingestion at any time before." : "gives merges back at any time before."));
    }

    /// Before the server's own ALTER.
    List<String> alter(CheaperWay way) {
        var source = session.source();
        var statements = way.sql().stream()
                .map(sql -> sql.replace("ALTER TABLE " + source.name().sql() + " ", ""))
                .collect(Collectors.joining(", then "));
        return List.of(
                "The server itself alters " + source.name() + ": " + statements + ". rekey copies nothing.",
                way.says() + ".",
                "It stays live under its name, with its " + Amounts.count(source.rows(), "row") + " ("
                        + Amounts.bytes(source.bytes()) + ").",
                ingestionGoesOn(),
                "The only way back is another ALTER. alter --dry-run shows the SQL.");
    }

    /// Before all operations that are left are run.
    List<String> migrate() {
        var r = session.rewrite();
        var out = new ArrayList<String>();
        switch (Position.of(session)) {
            case Position.Swapped b ->
                out.addAll(List.of(
                        r.source() + " has its new keys, and stays live under its name.",
                        "Rows that came into the old table in the moment of the exchange are carried, and parts"
                                + " merged.",
                        "The old table stays as " + r.backup() + ".",
                        ingestionGoesOn()));
            case Position.Exchanged e ->
                out.addAll(List.of(
                        "The tables are exchanged already: " + r.source() + " has its new keys.",
                        "The old one gets its name " + r.backup() + ".",
                        "Rows that came into it in the moment of the exchange are carried.",
                        pauseSentence()));
            default -> {
                out.add(copied());
                out.add("Its new key: ORDER BY " + keys().orderBy() + ".");
                out.add("The live table goes on meanwhile. " + pauseSentence());
                out.add("Then the new table takes the name " + r.source() + "; the old one is kept as " + r.backup()
                        + ".");
            }
        }
        out.add("stop or Ctrl-C ends it at any time; rollback goes back without losing a row, until finalize.");
        return out;
    }

    /// Before the exchange alone.
    List<String> swap() {
        var r = session.rewrite();
        return List.of(
                r.source() + " and " + r.target() + " change names: who reads " + r.source()
                        + " reads the new table from then on.",
                "What has not been carried yet is carried and checked first; where anything differs nothing is"
                        + " exchanged.",
                pauseSentence(),
                "The old table is kept as " + r.backup() + ".",
                "rollback goes back without losing a row, until finalize.");
    }

    /// Before going back.
    public List<String> rollback() {
        var r = session.rewrite();
        return switch (Position.of(session)) {
            case Position.Swapped b ->
                List.of(
                        "The old table (" + Amounts.count(rows(b.backup()), "row") + ") becomes " + r.source()
                                + " again.",
                        "What came since the swap is carried into it first, and checked: nothing is lost.",
                        pauseSentence(),
                        "Then the new table (" + Amounts.count(rows(r.source()), "row") + ") is dropped.",
                        "Queries are as fast as they were before the migration.");
            case Position.Created c ->
                List.of(
                        r.source() + " stays as it is: it was not exchanged.",
                        "What was copied is dropped: " + c.target() + " with " + Amounts.count(rows(c.target()), "row")
                                + ".",
                        "Settings that the migration gave " + r.source() + " are taken back.",
                        ingestionGoesOn(),
                        "The migration can be begun again at any time, from the beginning.");
            case Position.Exchanged e ->
                List.of(
                        r.source() + " has just got its new keys: the tables are exchanged back.",
                        "What came since the exchange is carried into the old table first, and checked: nothing is"
                                + " lost.",
                        pauseSentence(),
                        "Then the new table is dropped.",
                        "Queries are as fast as they were before the migration.");
            default ->
                List.of(
                        r.source() + " is put back to how it was before the migration.",
                        "Nothing was copied, so nothing is dropped but what the migration made.",
                        "Settings that it gave " + r.source() + " are taken back.",
                        ingestionGoesOn(),
                        "The migration can be begun again at any time.");
        };
    }

    /// Before the backup is let go.
    ///
    /// @throws IllegalStateException where there is none
    List<String> end() {
        if (!(Position.of(session) instanceof Position.Swapped b))
            throw new IllegalStateException(
                    "There is no backup of " + session.rewrite().source() + ".");
        long rows = 0, bytes = 0;
        for (var shard : session.shards()) {
            if (!(Position.of(shard) instanceof Position.Swapped there)) continue;
            var backup = shard.catalog().table(there.backup());
            rows += backup.rows();
            bytes += backup.bytes();
        }
        return List.of(
                "The old table " + b.backup() + " is dropped: " + Amounts.count(rows, "row") + ", "
                        + Amounts.bytes(bytes) + " of disk.",
                session.rewrite().source() + " keeps its new key and all of its rows.",
                "Settings that the migration gave it are taken back.",
                ingestionGoesOn(),
                "There is no way back from then on. finalize --dry-run shows the SQL.");
    }

    /// Before ingestion is opened that a whole run has paused; nothing where it is open, or was paused by hand.
    public Optional<List<String>> resume() {
        if (HostGates.of(session).standing().isEmpty()) return Optional.empty();
        var entries = session.journal().entries();
        var held = entries.stream().filter(e -> e.event() == Entry.Event.HELD).reduce((a, b) -> b);
        boolean byHand = held.flatMap(h -> entries.stream()
                        .filter(e ->
                                e.event() == Entry.Event.LOCKED && e.runner().equals(h.runner()))
                        .reduce((a, b) -> b))
                .filter(e -> e.detail() instanceof Detail.Locked l && l.what().equals("pause"))
                .isPresent();
        return byHand
                ? Optional.empty()
                : Optional.of(List.of(
                        "Ingestion of " + session.rewrite().source() + " was stopped by "
                                + held.map(h -> "the run of " + h.runner() + " at " + h.at())
                                        .orElse("somebody the journal does not know")
                                + ".",
                        "If that run is still at its exchange it has to begin its pause again.",
                        "Kafka's views read on from where they stopped; nothing is lost and nothing doubled.",
                        "The table stays under the keys it has now.",
                        "migrate goes on from there later, rollback goes back."));
    }

    private String copied() {
        var r = session.rewrite();
        var source = session.source();
        var carried = Status.of(session, migration, null);
        return (carried.rowsDone() > 0
                        ? "It goes on where it stands: " + Amounts.rows(carried.rowsDone()) + " of "
                        : "All ")
                + Amounts.count(source.rows(), "row") + " (" + Amounts.bytes(source.bytes()) + ") of "
                + r.source() + (carried.rowsDone() > 0 ? " are in " : " are copied into ")
                + r.target() + ", checked chunk by chunk.";
    }

    private long rows(rekey.model.TableName table) {
        return session.catalog().table(table).rows();
    }

    private Keys keys() {
        return session.keys(session.source());
    }

    private boolean fed() {
        return !IngestionHosts.of(session).none();
    }

    private String ingestionGoesOn() {
        return fed()
                ? "Ingestion from Kafka goes on all the while."
                : "Nothing feeds it from Kafka: nothing is paused.";
    }

    private String pauseSentence() {
        var intake = IngestionHosts.of(session);
        return !intake.none()
                ? "Ingestion from Kafka is held for about "
                        + Amounts.time(Estimate.heldTime(session, intake)) + " at the exchange, and reopened after "
                        + deadline() + " whatever happens."
                : "Nothing feeds it from Kafka: nothing is paused.";
    }

    private String stops() {
        return fed()
                ? "Ingestion of " + session.rewrite().source() + " from Kafka stops: its events wait there."
                : "Nothing feeds " + session.rewrite().source() + " from Kafka: only its merges are held.";
    }

    private String reopened() {
        return fed()
                ? "A guard opens it again after " + deadline() + " whatever happens, unless the swap has begun."
                : session.source().folds()
                        ? "A guard gives the merges back should this command die."
                        : "They are held until swap, resume or rollback.";
    }

    private String deadline() {
        return Amounts.time(Duration.ofMillis(session.limits().deadline().toMillis()));
    }
}
