package rekey.cli.text;

import java.util.ArrayList;
import rekey.compare.ComparedPartition;
import rekey.compare.ComparisonResult;
import rekey.compare.DifferingKey;
import rekey.model.Amounts;

/// What a comparison said, as a person reads it: what differs in full, what is the same in one line.
final class VerifiedText {
    private static final int DIFFERING = 10;

    private VerifiedText() {}

    static String of(ComparisonResult v) {
        var out = new ArrayList<String>();
        out.add(v.from() + " and " + v.to()
                + (v.verdict().equals("same")
                        ? " hold the same"
                        : " differ in " + v.differing().size() + " of "
                                + Amounts.count(v.partitions().size(), "partition"))
                + ": " + Amounts.count(v.rows(), "row") + " compared" + (v.sample() < 1 ? ", a sample" : "")
                + (v.unchanged() > 0
                        ? "; " + v.unchanged() + " of "
                                + Amounts.count(v.partitions().size(), "partition")
                                + " unchanged since they were compared, and not compared again (--afresh does)"
                        : "")
                + ".");
        v.differing().stream().limit(DIFFERING).forEach(c -> differing(out, v, c));
        if (v.differing().size() > DIFFERING)
            out.add("... and " + (v.differing().size() - DIFFERING) + " more (all of them with --json)");
        v.notes().forEach(n -> out.add(Texts.wrapped("Note: " + n + ".", 2, 80)));
        return String.join("\n", out);
    }

    private static void differing(ArrayList<String> out, ComparisonResult v, ComparedPartition c) {
        out.add("\npartition " + c.partition());
        out.add("  %-10s %s"
                .formatted(
                        "rows",
                        Amounts.rows(c.from().rows()) + " in " + v.from() + ", " + Amounts.rows(c.to().rows()) + " in "
                                + v.to()));
        for (var kind : DifferingKey.Kind.values()) {
            var name = kind.name().toLowerCase();
            for (var key : c.keys()) {
                if (key.kind() != kind) continue;
                out.add("  %-10s %s"
                        .formatted(name, key.toString().substring(kind.name().length() + 1)));
                name = "";
            }
        }
    }
}
