package rekey.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.model.TableName;

/// Several values in one text of the journal. Its `toString` is that text.
public sealed interface Encoded {
    private static List<String> pieces(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    /// Words without a space in them, such as parts.
    record Words(List<String> words) implements Encoded {
        static Words parse(String text) {
            return new Words(pieces(text));
        }

        @Override
        public String toString() {
            return String.join(" ", words);
        }
    }

    /// Tables as they stand in statements, in backticks.
    record Names(List<String> sql) implements Encoded {
        static Names parse(String text) {
            return new Names(text.isEmpty() ? List.of() : List.of(text.split(" (?=`)")));
        }

        static Names of(List<TableName> tables) {
            return new Names(tables.stream().map(TableName::sql).toList());
        }

        @Override
        public String toString() {
            return String.join(" ", sql);
        }
    }

    /// Count, sum and xor of some rows.
    record Sums(long rows, String sum, String xor) implements Encoded {
        static Sums parse(String text) {
            var three = text.split(" ");
            if (three.length != 3) throw new IllegalArgumentException("not three numbers");
            return new Sums(Long.parseLong(three[0]), three[1], three[2]);
        }

        @Override
        public String toString() {
            return rows + " " + sum + " " + xor;
        }
    }

    /// A number for each of some names, such as partitions.
    record Counts(Map<String, Long> byName) implements Encoded {
        static Counts parse(String text) {
            var out = new TreeMap<String, Long>();
            for (var piece : pieces(text))
                out.put(
                        piece.substring(0, piece.lastIndexOf('=')),
                        Long.valueOf(piece.substring(piece.lastIndexOf('=') + 1)));
            return new Counts(out);
        }

        @Override
        public String toString() {
            return byName.entrySet().stream()
                    .map(e -> e.getKey() + "=" + e.getValue())
                    .sorted()
                    .collect(Collectors.joining(" "));
        }
    }

    /// Numbers of moments before a line, in the order they were read.
    record Readings(List<Reading> readings) implements Encoded {
        static Readings parse(String text) {
            var out = new ArrayList<Reading>();
            for (var piece : pieces(text)) {
                var pair = piece.split("=");
                out.add(new Reading(Duration.ofMillis(Long.parseLong(pair[0])), Long.parseLong(pair[1])));
            }
            return new Readings(List.copyOf(out));
        }

        @Override
        public String toString() {
            return readings.stream()
                    .map(r -> r.before.toMillis() + "=" + r.number)
                    .collect(Collectors.joining(" "));
        }
    }

    /// @param before how long before the line
    record Reading(Duration before, long number) {}
}
