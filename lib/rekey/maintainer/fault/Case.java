package rekey.maintainer.fault;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import rekey.maintainer.fault.Moment.Phase;
import rekey.maintainer.fault.Moment.When;
import rekey.model.Trouble;

/// One case: what goes wrong, when, and which way it goes then.
///
/// @param id   by which it can be made again: `7.3`, the third by chance from seed 7; `m7.3`, the third of the
///             matrix; `a3`, the third of those that are aimed; `w3`, of those beside writers that never pause
/// @param seed what its rows and messages follow from
/// @param then what is run afterwards, each until it has ended well: `migrate`, `rollback`, ...
public record Case(String id, long seed, String engine, Fault fault, Moment moment, List<String> then) {
    private static final List<String> ENGINES = List.of("MergeTree", "ReplacingMergeTree(_timestamp)");
    private static final Pattern DRAWN = Pattern.compile("m?(\\d+)\\.\\d+");
    private static final List<List<String>> WAYS =
            List.of(List.of("migrate"), List.of("rollback"), List.of("rollback", "migrate"));
    private static final List<Phase> OFTEN = List.of(
            Phase.ON,
            Phase.ON,
            Phase.ON,
            Phase.ON,
            Phase.ON,
            Phase.ON,
            Phase.ON,
            Phase.ON,
            Phase.BACK,
            Phase.BACK,
            Phase.BACK,
            Phase.UNDO,
            Phase.AGAIN,
            Phase.OPTIMIZE,
            Phase.FINALIZE);

    /// Each operation, forwards and backwards, with each fault before it, in its middle and after it; on both
    /// engines and each way by turns.
    public static List<Case> matrix(long seed) {
        var random = new SplittableRandom(seed);
        var out = new ArrayList<Case>();
        for (var phase : List.of(Phase.ON, Phase.OPTIMIZE, Phase.UNDO, Phase.BACK, Phase.FINALIZE))
            for (var step : steps(phase).values())
                for (var fault : Fault.real())
                    for (var when : When.values())
                        if (fault != Fault.NOBODY_BACK)
                            out.add(made(
                                    "m" + seed + "." + (out.size() + 1),
                                    random,
                                    fault,
                                    phase,
                                    at(step, when, random),
                                    when,
                                    out.size()));
        for (var phase : List.of(Phase.ON, Phase.BACK))
            for (var place : Place.whileHeld(phase))
                out.add(made(
                        "m" + seed + "." + (out.size() + 1),
                        random,
                        Fault.NOBODY_BACK,
                        phase,
                        place,
                        When.BEFORE,
                        out.size()));
        return List.copyOf(out);
    }

    /// The moments at which a row could truly be lost or doubled, or ingestion stay closed: an ATTACH cut short, an
    /// EXCHANGE whose answer nobody has or that comes late, a gate that is opened or closed by a dead runner's
    /// statement.
    public static List<Case> aimed() {
        var out = new ArrayList<Case>();
        for (var line : """
            SERVER_KILLED ON backfill: ATTACH during migrate
            SERVER_KILLED ON remaining: ATTACH during rollback
            SERVER_KILLED BACK backfill: ATTACH during rollback,migrate
            SERVER_KILLED ON backfill: ATTACH after migrate
            TOOL_KILLED ON backfill: ATTACH after rollback,migrate
            TOOL_KILLED ON remaining: ATTACH after migrate
            SERVER_KILLED ON swap: EXCHANGE after migrate
            TOOL_KILLED ON swap: EXCHANGE after rollback
            ANSWER_LOST ON swap: EXCHANGE after migrate
            TOOL_KILLED ON swap: RENAME after it before rollback,migrate
            SERVER_KILLED ON pause: close the gate after migrate
            SERVER_KILLED ON resume: open the gate before rollback
            SERVER_KILLED ON pause: hold merges for it after rollback
            SERVER_KILLED BACK back: EXCHANGE after migrate
            TOOL_KILLED BACK back: EXCHANGE after rollback
            ANSWER_LOST BACK back: RENAME after EXCHANGE after rollback,migrate
            LATE_STATEMENT ON backfill: ATTACH before migrate
            LATE_STATEMENT ON backfill: copy into staging before migrate
            LATE_STATEMENT ON backfill: INTENT is noted before migrate
            LATE_STATEMENT ON pause: CREATE gate before rollback
            LATE_STATEMENT ON pause: close the gate before migrate
            LATE_STATEMENT ON swap: RENAME for it before migrate
            LATE_STATEMENT ON swap: EXCHANGE before migrate
            LATE_STATEMENT ON swap: RENAME after it before rollback
            LATE_STATEMENT ON resume: open the gate before rollback,migrate
            LATE_STATEMENT BACK back: EXCHANGE before migrate
            LATE_STATEMENT BACK undo: DROP target before migrate
            LATE_STATEMENT FINALIZE finalize: DROP backup before finalize\
            """.lines().toList()) {
            out.add(aimed("a" + (out.size() + 1), 11 + out.size(), ENGINES.getFirst(), line));
        }
        return List.copyOf(out);
    }

    /// So many write plain INSERTs all the while, through the exchange and back, in those that are aimed at them.
    int writers() {
        return id.startsWith("w") ? 3 : 0;
    }

    /// The moments at which a row of a writer that never pauses could be lost, doubled, or displaced by an older one
    /// of its key: around both exchanges and the trailing rounds, with and without a version, on and back.
    public static List<Case> besideWriters() {
        var out = new ArrayList<Case>();
        for (var line : """
            TOOL_KILLED ON remaining: ATTACH after migrate
            TOOL_KILLED ON swap: EXCHANGE before migrate
            TOOL_KILLED ON swap: EXCHANGE after migrate
            TOOL_KILLED ON swap: EXCHANGE after rollback,migrate
            TOOL_KILLED ON swap: RENAME after it before migrate
            TOOL_KILLED ON resume: open the gate before rollback
            ANSWER_LOST ON swap: EXCHANGE after migrate
            ANSWER_LOST ON swap: EXCHANGE after rollback
            SERVER_KILLED ON swap: EXCHANGE after migrate
            SERVER_KILLED ON resume: open the gate before rollback,migrate
            LATE_STATEMENT ON swap: EXCHANGE before migrate
            LATE_STATEMENT ON swap: RENAME after it before migrate
            TOOL_KILLED BACK back: EXCHANGE before migrate
            TOOL_KILLED BACK back: EXCHANGE after rollback
            TOOL_KILLED BACK back: EXCHANGE after rollback,migrate
            ANSWER_LOST BACK back: EXCHANGE after rollback
            SERVER_KILLED BACK back: EXCHANGE after rollback
            SERVER_KILLED BACK back: EXCHANGE before migrate
            LATE_STATEMENT BACK back: EXCHANGE before rollback
            ANSWER_LOST BACK back: RENAME after EXCHANGE after rollback,migrate
            TOOL_KILLED ON trail: copy into staging after migrate
            TOOL_KILLED ON trail: INTENT is noted after migrate
            TOOL_KILLED ON trail: ATTACH after migrate
            TOOL_KILLED ON trail: ATTACH after rollback,migrate
            TOOL_KILLED ON trail: ATTACHED is noted before migrate
            SERVER_KILLED ON trail: ATTACH during migrate
            SERVER_KILLED ON trail: ATTACH after rollback
            ANSWER_LOST ON trail: ATTACH after migrate
            LATE_STATEMENT ON trail: ATTACH before migrate
            TOOL_KILLED BACK trail: ATTACH after rollback
            SERVER_KILLED BACK trail: ATTACH during rollback,migrate
            ANSWER_LOST BACK trail: ATTACH after migrate
            LATE_STATEMENT BACK trail: ATTACH before rollback
            ANSWER_LATE ON swap: EXCHANGE after migrate
            ANSWER_LATE ON swap: EXCHANGE before migrate
            ANSWER_LATE ON swap: EXCHANGE after rollback,migrate
            ANSWER_LATE ON swap: RENAME after it after rollback
            ANSWER_LATE ON swap: RENAME for it after migrate
            ANSWER_LATE ON remaining: ATTACH after migrate
            ANSWER_LATE ON trail: ATTACH after migrate
            ANSWER_LATE BACK back: EXCHANGE after rollback
            ANSWER_LATE BACK back: EXCHANGE before migrate
            ANSWER_LATE BACK back: RENAME after EXCHANGE after rollback
            NOBODY_BACK ON pause: close the gate before migrate
            NOBODY_BACK ON swap: INTENT is noted before migrate
            NOBODY_BACK ON swap: RENAME for it before migrate
            NOBODY_BACK ON swap: EXCHANGE before rollback
            NOBODY_BACK BACK back: swap INTENT is noted before rollback
            NOBODY_BACK BACK back: EXCHANGE before migrate
            TOOL_KILLED ON swap: INTENT is noted after rollback
            TOOL_KILLED ON swap: RENAME for it after migrate
            SERVER_KILLED ON swap: EXCHANGE before migrate
            SERVER_KILLED ON swap: EXCHANGE during rollback,migrate
            SERVER_KILLED ON swap: RENAME after it before migrate
            SERVER_KILLED ON remaining: ATTACH during rollback
            SERVER_KILLED ON resume: trailing round before migrate
            TOOL_KILLED ON resume: trailing round before rollback
            TOOL_KILLED ON resume: give merges back after migrate
            TOOL_KILLED ON resume: swap DONE is noted before migrate
            ANSWER_LOST ON swap: RENAME after it after migrate
            ANSWER_LOST ON remaining: ATTACH after rollback,migrate
            LATE_STATEMENT ON swap: RENAME for it before rollback
            LATE_STATEMENT ON remaining: ATTACH before migrate
            LATE_STATEMENT BACK back: RENAME after EXCHANGE before migrate
            TOOL_KILLED BACK back: RENAME before EXCHANGE after migrate
            TOOL_KILLED BACK back: swap UNDONE is noted before rollback
            SERVER_KILLED BACK back: EXCHANGE during migrate
            SERVER_KILLED BACK back: RENAME after EXCHANGE before rollback,migrate
            BROKER_AWAY ON swap: EXCHANGE before migrate
            TOOL_KILLED ON swap: FLUSH for it before migrate
            TOOL_KILLED ON swap: FLUSH for it after rollback,migrate
            SERVER_KILLED ON swap: FLUSH for it before rollback
            SERVER_KILLED ON swap: FLUSH for it after migrate
            ANSWER_LOST ON swap: FLUSH for it after migrate
            ANSWER_LATE ON swap: FLUSH for it before migrate
            LATE_STATEMENT ON swap: FLUSH for it before migrate
            NOBODY_BACK ON swap: FLUSH for it before rollback
            TOOL_KILLED ON resume: FLUSH behind it before migrate
            TOOL_KILLED BACK back: FLUSH for it after rollback
            SERVER_KILLED BACK back: FLUSH for it before migrate
            ANSWER_LATE BACK back: FLUSH for it after rollback\
            """.lines().toList())
            for (var engine : List.of("ReplacingMergeTree", ENGINES.getLast(), ENGINES.getFirst()))
                out.add(aimed("w" + (out.size() + 1), 101 + out.size(), engine, line));
        return List.copyOf(out);
    }

    /// Whether a writer sends its INSERTs through an Alias of the table, and tables of others stand under names like
    /// rekey's own: in those that came later, for those that came first are made again as they were.
    boolean crowded() {
        return writers() > 0 && Integer.parseInt(id.substring(1)) > 60;
    }

    private static Case aimed(String id, long seed, String engine, String line) {
        var words = line.split(" ");
        var phase = Phase.valueOf(words[1]);
        var place = Stream.of(Place.of(phase), Place.TRAIL, Place.FLUSHES)
                .flatMap(List::stream)
                .filter(p -> line.contains(" " + p + " " + words[words.length - 2] + " "))
                .findFirst()
                .orElseThrow();
        var late = Fault.valueOf(words[0]) == Fault.LATE_STATEMENT;
        var moment = new Moment(phase, place, 1, When.valueOf(words[words.length - 2].toUpperCase()), late ? 300 : 0);
        return new Case(id, seed, engine, Fault.valueOf(words[0]), moment, List.of(words[words.length - 1].split(",")));
    }

    private static LinkedHashMap<String, List<Place>> steps(Phase phase) {
        var steps = new LinkedHashMap<String, List<Place>>();
        for (var place : Place.of(phase))
            steps.computeIfAbsent(place.step(), k -> new ArrayList<>()).add(place);
        return steps;
    }

    private static Place at(List<Place> step, When when, SplittableRandom random) {
        return switch (when) {
            case BEFORE -> step.getFirst();
            case DURING -> step.get(random.nextInt(step.size()));
            case AFTER -> step.getLast();
        };
    }

    /// So many cases that follow from a seed.
    public static List<Case> random(long seed, int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> random(seed, (long) i))
                .toList();
    }

    private static Case random(long seed, long number) {
        var random = new SplittableRandom(seed * 1_000_003 + number);
        var phase = OFTEN.get(random.nextInt(OFTEN.size()));
        var faults = Fault.real().stream()
                .filter(f -> f != Fault.NOBODY_BACK || !Place.whileHeld(phase).isEmpty())
                .toList();
        var fault = faults.get(random.nextInt(faults.size()));
        var places = fault == Fault.NOBODY_BACK ? Place.whileHeld(phase) : Place.of(phase);
        return made(
                seed + "." + number,
                random,
                fault,
                phase,
                places.get(random.nextInt(places.size())),
                When.values()[random.nextInt(3)],
                random.nextInt(6));
    }

    private static Case made(
            String id, SplittableRandom random, Fault fault, Phase phase, Place place, When when, int turn) {
        boolean late = fault == Fault.LATE_STATEMENT;
        // a statement takes milliseconds, mostly
        int delay = late
                ? random.nextInt(2500)
                : when != When.DURING ? 0 : random.nextInt(3) == 0 ? random.nextInt(60) : random.nextInt(8);
        var moment = new Moment(
                phase,
                place,
                1 + random.nextInt(place.often()),
                late || fault == Fault.NOBODY_BACK ? When.BEFORE : when,
                delay);
        return new Case(id, random.nextLong() >>> 1, ENGINES.get(turn % 2), fault, moment, then(phase, turn / 2));
    }

    private static List<String> then(Phase phase, int turn) {
        return switch (phase) {
            case OPTIMIZE -> turn % 2 == 0 ? List.of("optimize") : List.of("rollback");
            case FINALIZE -> List.of("finalize");
            default -> WAYS.get(turn % WAYS.size());
        };
    }

    /// One made by hand.
    ///
    /// @param step  the operation, and then the name, of one of [Place#of(Phase)]
    /// @param then  what is run afterwards
    static Case at(Fault fault, Phase phase, String step, String name, When when, String... then) {
        var place = Place.of(phase).stream()
                .filter(p -> p.step().equals(step) && p.name().equals(name))
                .findFirst()
                .orElseThrow();
        return new Case(
                "%s-%s".formatted(fault, phase).toLowerCase(),
                5,
                ENGINES.getFirst(),
                fault,
                new Moment(phase, place, 1, when, 0),
                List.of(then));
    }

    /// The same on a ReplacingMergeTree; a plain MergeTree hides nothing.
    Case collapsing() {
        return new Case(id, seed, ENGINES.getLast(), fault, moment, then);
    }

    /// Those of some ids; else so many by chance; else those aimed and the whole matrix, from a number on.
    public static List<Case> chosen(String[] ids, long seed, int from, int count) {
        if (ids != null) return java.util.Arrays.stream(ids).map(Case::of).toList();
        var all = count > 0
                ? random(seed, from - 1 + count)
                : Stream.of(aimed(), besideWriters(), matrix(seed))
                        .flatMap(List::stream)
                        .toList();
        return all.subList(Math.min(from - 1, all.size()), all.size());
    }

    /// The one of an id.
    public static Case of(String id) {
        try {
            if (id.startsWith("w")) return besideWriters().get(Integer.parseInt(id.substring(1)) - 1);
            if (id.startsWith("a")) return aimed().get(Integer.parseInt(id.substring(1)) - 1);
            boolean matrix = id.startsWith("m");
            var parts = id.substring(matrix ? 1 : 0).split("\\.");
            long seed = Long.parseLong(parts[0]), number = Long.parseLong(parts[1]);
            return matrix ? matrix(seed).get((int) number - 1) : random(seed, number);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new Trouble.Usage(
                    "There is no case " + id + ": give one as it was printed, such as 7.3, m7.3 or a3.");
        }
    }

    /// By which the harness proves itself: it finds nothing where no migration ran, and one row where one was
    /// spoilt, on both engines by turns.
    public static List<Case> controls() {
        var swap = new Moment(
                Phase.ON,
                Place.of(Phase.ON).stream()
                        .filter(p -> p.name().equals("EXCHANGE"))
                        .findFirst()
                        .orElseThrow(),
                1,
                When.BEFORE,
                0);
        return List.of(
                new Case(
                        "control-1",
                        1,
                        "MergeTree",
                        Fault.NONE,
                        new Moment(Phase.NOTHING, swap.place(), 1, When.BEFORE, 0),
                        List.of()),
                new Case("control-2", 2, ENGINES.getLast(), Fault.ROW_DELETED, swap, List.of("migrate")),
                new Case("control-3", 3, ENGINES.getFirst(), Fault.ROW_DOUBLED, swap, List.of("migrate")),
                new Case("control-4", 4, ENGINES.getLast(), Fault.ROW_ALTERED, swap, List.of("migrate")));
    }

    /// The seed that it was drawn from; empty for one that was made by hand.
    public OptionalLong drawnFrom() {
        var seed = DRAWN.matcher(id);
        return seed.matches() ? OptionalLong.of(Long.parseLong(seed.group(1))) : OptionalLong.empty();
    }

    public boolean control() {
        return id.startsWith("control");
    }

    @Override
    public String toString() {
        if (fault == Fault.NONE) return "%-8s no migration".formatted(id);
        return "%-8s %-14s %-58s %-11s then %s"
                .formatted(
                        id,
                        fault,
                        moment,
                        engine.replaceFirst("\\(.*", "").replace("MergeTree", "MT"),
                        String.join(", ", then));
    }
}
