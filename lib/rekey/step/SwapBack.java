package rekey.step;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.compare.ComparedPartition;
import rekey.compare.ComparedShare;
import rekey.compare.JournaledComparison;
import rekey.copy.Direction;
import rekey.copy.ForeignBlockNumbers;
import rekey.copy.Marks;
import rekey.copy.MergeHold;
import rekey.copy.Peers;
import rekey.copy.Rounds;
import rekey.copy.Way;
import rekey.ingestion.HeldTime;
import rekey.model.Blocks;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.ReplayedMutations;
import rekey.session.Session;

/// The swap undone without loss: the same algorithm in the other direction. Rounds carry what came since the swap
/// from the live table into the backup, ingestion is paused, a last round, EXCHANGE back, ingestion goes on. What
/// rekey itself had attached to the live table counts as carried and does not come back doubled.
///
/// Half done may be:
/// - rounds into the backup: the journal has what was carried back, and an open attach is settled by the backup's
///   parts. The live table is still the new one, so a person may as well go on forwards: nothing has changed for it;
/// - ingestion held, as in [Pause]: it is opened first, by whoever runs next, or by the guard;
/// - the live table under its name for the swap, or the EXCHANGE back without the rename: the old table's UUID
///   tells, and a whole swap is made of it first; then it goes on or back;
/// - the EXCHANGE back without the trailing round: the old table is live again, and the journal's last word of the
///   swap is an INTENT to go back. The target may be the only one that has rows of INSERTs that were running, so
///   whoever would drop it or fill it waits for these and carries them first.
public final class SwapBack {
    /// When each shard's comparison began, in seconds of its server's clock.
    private final Map<Session, Long> compared = Collections.synchronizedMap(new IdentityHashMap<>());

    void run(Session s) {
        run(List.of(s));
    }

    /// One pause and one exchange over all shards, as on the way forward.
    void run(List<Session> all) {
        var at = all.stream().map(Position::of).toList();
        var shards = all.stream()
                .filter(s -> switch (at.get(all.indexOf(s))) {
                    case Position.Exchanged e -> true;
                    case Position.Swapped b -> true;
                    case Position.Created c -> untrailed(s);
                    default -> false;
                })
                .toList();
        if (shards.isEmpty()) return;
        Shards.all(shards, s -> finish(s, at.get(all.indexOf(s))));
        var swapped = shards.stream()
                .filter(s -> Position.of(s) instanceof Position.Swapped)
                .toList();
        if (!swapped.isEmpty()) {
            exchangeBack(swapped);
            HostsApart.note(shards);
        }
        StandingPause.end(shards, s -> {
            if (Position.of(s) instanceof Position.Created c) Trailing.beforeNewer(s, c.target());
        });
        Shards.all(shards, this::trail);
        KafkaCatchUp.mustBeWhole(
                shards, "The old table is live again and ingestion goes on; run rollback once more, which ends it.");
    }

    /// Whether a runner died between the EXCHANGE back and its trailing round: an INSERT that was running may have
    /// left its rows in the target alone.
    public static boolean untrailed(Session s) {
        return s.journal()
                .last(e ->
                        e.step().equals("swap") && (e.event() == Entry.Event.INTENT || e.event() == Entry.Event.DONE))
                .filter(e -> e.detail() instanceof Detail.Exchanging x && x.back())
                .isPresent();
    }

    /// EXCHANGE without the rename: forward it was the swap's, backward ours; both become a whole swap first.
    private static void finish(Session s, Position at) {
        if (!(at instanceof Position.Exchanged e)) return;
        s.execute("rename", Ddl.renaming(e.displaced(), s.rewrite().backup()));
        new Peers(s).follow();
    }

    private void exchangeBack(List<Session> shards) {
        StandingPause.end(shards, s -> Trailing.beforeNewer(s, s.rewrite().backup()));
        Shards.all(shards, this::rounds);
        new Pause()
                .runFor(
                        shards,
                        s -> Pause.shortly(
                                s, Direction.of(s, Way.BACK, s.rewrite().backup())),
                        s -> {
                            new MergeHold(s).hold(s.rewrite().source());
                            new MergeHold(s).hold(s.rewrite().backup());
                            carrying(s).untilShort(Backfill.nextRound(s));
                        });
        try {
            Exchange.all(Shards.each(shards, this::intended));
        } catch (Trouble.OutcomeUnknown e) {
            throw e;
        } catch (RuntimeException e) {
            Pause.reopen(shards, e);
            throw e;
        }
    }

    private static Rounds carrying(Session s) {
        return new Rounds(s, Way.BACK, s.rewrite().backup());
    }

    private void rounds(Session s) {
        var backup = s.rewrite().backup();
        Trailing.untilQuiet(s, backup);
        sameTtl(s, backup);
        s.progress().begin("undo-swap", 0);
        MergeHoldRelease.guard(s);
        Staging.clean(s, Direction.of(s, Way.BACK, backup));
        var asking = carrying(s).asking(d -> SameRows.test(s, d));
        Backfill.untilSmall(s, asking, Direction.of(s, Way.BACK, backup));
        compared.put(s, HeldTime.now(s.server()) / 1_000_000);
        compared(s, Direction.of(s, Way.BACK, backup), asking);
    }

    private Exchange intended(Session s) {
        var live = s.rewrite().source();
        var backup = s.rewrite().backup();
        Remaining.rest(s, carrying(s));
        StandingPause.mustStand(s);
        mustBeCompared(s, Direction.of(s, Way.BACK, backup));
        Swap.sameCount(s, Way.BACK, backup);
        Swap.inStep(s, backup);
        var once = Position.swapName(s);
        s.journal()
                .append(
                        "swap",
                        new Detail.Exchanging(Optional.empty(), Optional.empty(), once.table(), true, Map.of()));
        // to wait for a host may have taken until the guard opened ingestion
        StandingPause.mustStand(s);
        s.control().checkpoint();
        return new Exchange(
                s,
                backup,
                once,
                s.catalog().uuid(backup).orElse(""),
                s.source(),
                Swap.exchanging(backup, once, live, s.rewrite().target()));
    }

    /// By its own TTL the backup may have expired what the live table was to keep since.
    ///
    /// @throws Trouble.Refused where the live table's owner has changed its TTL
    private static void sameTtl(Session s, TableName backup) {
        var live = s.source();
        var old = s.catalog().table(backup);
        if (!Resume.ended(s) || Ddl.ttl(live, live.name()).equals(Ddl.ttl(old, live.name()))) return;
        throw new Trouble.Refused("The TTL of " + live.name() + " was changed since the swap, and that of " + backup
                + " was not, which may have expired rows that " + live.name()
                + " keeps. Nothing was carried. Make the same ALTER TABLE on " + backup
                + ", then roll back again: both are compared, and what one lacks is named.");
    }

    /// What else may have happened to the backup: somebody dropped a partition of it to make room, say. The live
    /// table's own blocks count as carried, so nobody would bring back what the backup has lost.
    private static boolean changedByOthers(Session s, Direction back) {
        var then = Marks.read(
                        s.journal().entries(), back.to().uuid(), back.from().uuid())
                .carried();
        var now = Catalog.blocks(s.catalog().parts(back.to().name()));
        boolean gone = then.entrySet().stream()
                .anyMatch(e -> !e.getValue()
                        .minus(now.getOrDefault(e.getKey(), Blocks.NONE))
                        .isEmpty());
        long swapped = s.journal()
                .last(e -> e.detail() instanceof Detail.Exchanging x && !x.back())
                .map(e -> e.at().getEpochSecond())
                .orElse(0L);
        // applied and merged, the patches of lightweight UPDATEs leave no trace: that they were allowed is one
        return gone
                || "1".equals(back.from().settings().get("enable_block_offset_column"))
                || !Original.of(s).changes(back.to()).isEmpty()
                || s.server()
                                .one("SELECT count() AS n FROM system.mutations WHERE database = "
                                        + Sql.text(back.to().name().database()) + " AND table = "
                                        + Sql.text(back.to().name().table()) + " AND create_time >= fromUnixTimestamp("
                                        + swapped + ")")
                                .number("n")
                        > 0;
    }

    /// Some things are told by rows alone, so there what was carried is compared, either way:
    /// - what became of a backup that is not as the swap left it, and of a live table that lightweight UPDATEs may
    ///   have changed;
    /// - after a restart a block whose part had been dropped may have given its number to another, which then
    ///   counts as carried (room copy, rule 3.4), or as one of those that the swap brought;
    /// - an INSERT that ran through the EXCHANGE was carried into the live table behind a DELETE there, which is
    ///   made on the backup too and takes its rows from it;
    /// - where merges drop rows, or a TTL does, and counting tells nothing: a tombstone that a CLEANUP removed with
    ///   its row before it was carried, or rows that were merged while the live table's block numbers were off and
    ///   read as carried ones.
    ///
    /// @throws Trouble.Refused where it differs
    private static void compared(Session s, Direction back, Rounds rounds) {
        new ForeignBlockNumbers(s, back.from().name()).refuse();
        var forth = back.reversed();
        String live = back.from().uuid(), backup = back.to().uuid();
        var carried = s.journal()
                .entries(e -> e.detail() instanceof Detail.Attached a
                        && (a.between(live, backup) || a.between(backup, live)));
        if (carried.isEmpty()) return;
        boolean restarted = s.server()
                        .one("SELECT toUnixTimestamp(now()) - uptime() AS started")
                        .number("started")
                >= carried.getFirst().at().getEpochSecond();
        boolean replayed = !s.journal()
                .entries(e -> e.detail() instanceof Detail.Replayed r && r.between(live, backup))
                .isEmpty();
        if (!restarted && !replayed && !changedByOthers(s, back) && Swap.countTells(s, back.from(), back.to())) return;
        for (var direction : List.of(forth, back)) {
            var verification = new JournaledComparison(s, direction, ComparedShare.ALL, false);
            var all = new Verify.Looked(verification.all(d -> true), List.of());
            if (all.differs()) {
                // a DELETE that came meanwhile is made on the backup first
                rounds.once(Backfill.nextRound(s), false);
                all = direction.collapses()
                        ? Verify.withMergesHeld(s, direction, all.partitions())
                        : Verify.again(s, direction, all.partitions());
            }
            all.doubts().forEach(s.progress()::note);
            if (!all.differs()) continue;
            throw new Trouble.Refused("What was carried between " + back.to().name() + " and "
                    + back.from().name() + " differs: "
                    + verification.end(all.partitions(), all.doubts()).differing().stream()
                            .limit(3)
                            .map(ComparedPartition::toString)
                            .collect(Collectors.joining("; "))
                    + ". Nothing was swapped back. Look at the keys named. Where "
                    + back.from().name()
                    + " has the right rows, DELETE them there and INSERT them there anew (views that read from it are"
                    + " told again): then they are carried. Where it lacks some, INSERT them there, and DELETE them"
                    + " from "
                    + back.to().name() + "; DELETE from that alone what is to stay deleted. Then roll back again.");
        }
    }

    /// As on the way forward: where merges replace rows, a DELETE that is not by the key alone makes a comparison
    /// old, for of a key's two rows one table may have both and the other the last.
    ///
    /// @throws Trouble.PutOff where one was made since, or has not been made on the backup
    private void mustBeCompared(Session s, Direction back) {
        long since = compared.get(s);
        Predicate<String> tells =
                condition -> Stream.of(back.from(), back.to()).anyMatch(t -> t.tellsVersionsApart(condition));
        long upTo = ReplayedMutations.upTo(
                        s.journal().entries(), back.from().uuid(), back.to().uuid())
                .orElse(0);
        boolean made = s.catalog().mutations(back.from().name()).stream()
                .filter(m -> !m.isOurs() && (m.second() >= since || m.number() > upTo))
                .anyMatch(m -> m.deletes().filter(tells).isPresent());
        boolean replayed = !s.journal()
                .entries(e -> e.at().getEpochSecond() >= since
                        && e.detail() instanceof Detail.Replayed r
                        && r.between(back.from().uuid(), back.to().uuid())
                        && tells.test(r.commands()))
                .isEmpty();
        if (made || replayed)
            throw new Trouble.PutOff("A DELETE that is not by the key alone was made on "
                    + back.from().name() + " since it was compared with "
                    + back.to().name()
                    + ", so nothing was swapped back: they are compared anew. Where such DELETEs keep coming, let them"
                    + " rest for the moment of the swap, then roll back again.");
    }

    private void trail(Session s) {
        if (!(Position.of(s) instanceof Position.Created created))
            throw new Trouble.OutcomeUnknown(
                    "After the EXCHANGE back " + s.rewrite().source()
                            + " is not the old table. Look with: SELECT name, uuid FROM system.tables WHERE database = "
                            + Sql.text(s.rewrite().source().database()) + ".");
        var displaced = created.target();
        MergeHoldRelease.trail(s, displaced);
        // killed behind this, the old table is live and merges as it did
        if (s.source().folds() && MergeHold.anywhere(s, s.source()))
            new MergeHold(s).giveBack(s.rewrite().source());
        Staging.dropAll(s);
        s.journal().append("swap", new Detail.Bare(Entry.Event.UNDONE));
    }
}
