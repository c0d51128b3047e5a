package rekey.model;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Numbers as people read them.
public final class Amounts {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Amounts() {}

    /// `1,234,567`.
    public static String rows(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /// `1 row`, `2 rows`.
    public static String count(long n, String one) {
        return rows(n) + " " + one + (n == 1 ? "" : "s");
    }

    /// `690 MiB`, `1.2 GiB`.
    public static String bytes(double n) {
        int unit = 0;
        for (; Math.abs(n) >= 1024 && unit < UNITS.length - 1; unit++) n /= 1024;
        return String.format(Locale.ROOT, unit == 0 || n >= 100 ? "%.0f %s" : "%.1f %s", n, UNITS[unit]);
    }

    /// For a line of a terminal: `312 ms`, `4.2 s`, `2m10s`, `3h05m`, `2d04h`.
    public static String time(Duration d) {
        long s = d.toSeconds();
        if (d.toMillis() < 1000) return d.toMillis() + " ms";
        if (s < 10) return String.format(Locale.ROOT, "%.1f s", d.toMillis() / 1000.0);
        if (s < 60) return s + " s";
        if (s < 3600) return String.format("%dm%02ds", s / 60, s % 60);
        if (s < 86400) return String.format("%dh%02dm", s / 3600, s / 60 % 60);
        return String.format("%dd%02dh", s / 86400, s / 3600 % 24);
    }

    /// For a sentence, of an estimate: `90 s`, `12.5 min`, `3 days`.
    ///
    /// @param seconds infinite: for ever; NaN: not known
    public static String about(double seconds) {
        if (Double.isNaN(seconds)) return "not known";
        if (Double.isInfinite(seconds)) return "for ever";
        if (seconds < 120) return Math.round(seconds) + " s";
        if (seconds < 7200) return tenths(seconds / 60) + " min";
        return seconds < 72 * 3600 ? tenths(seconds / 3600) + " h" : tenths(seconds / 86400) + " days";
    }

    private static String tenths(double n) {
        return String.format(Locale.ROOT, "%.1f", n).replace(".0", "");
    }

    public static String percent(double part, double whole) {
        return Math.round(100 * part / whole) + " %";
    }

    /// The first few, and how many more.
    public static String some(List<?> things) {
        var text = things.stream().limit(5).map(String::valueOf).collect(Collectors.joining(", "));
        return things.size() <= 5 ? text : text + " and " + (things.size() - 5) + " more";
    }
}
