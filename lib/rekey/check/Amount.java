package rekey.check;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Numbers as a sentence has them, with their units.
final class Amount {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Amount() { }

    static String bytes(double n) {
        int unit = 0;
        for (; Math.abs(n) >= 1024 && unit < UNITS.length - 1; unit++) n /= 1024;
        return String.format(Locale.ROOT, unit == 0 || n >= 100 ? "%.0f %s" : "%.1f %s", n, UNITS[unit]);
    }

    /// @param seconds infinite: for ever; NaN: not known
    static String time(double seconds) {
        if (Double.isNaN(seconds)) return "not known";
        if (Double.isInfinite(seconds)) return "for ever";
        if (seconds < 120) return Math.round(seconds) + " s";
        if (seconds < 7200) return tenths(seconds / 60) + " min";
        return seconds < 72 * 3600 ? tenths(seconds / 3600) + " h" : tenths(seconds / 86400) + " days";
    }

    private static String tenths(double n) {
        return String.format(Locale.ROOT, "%.1f", n).replace(".0", "");
    }

    static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    static String percent(double part, double whole) {
        return Math.round(100 * part / whole) + " %";
    }

    /// The first few, and how many more.
    static String some(List<?> things) {
        var text = things.stream().limit(5).map(String::valueOf).collect(Collectors.joining(", "));
        return things.size() <= 5 ? text : text + " and " + (things.size() - 5) + " more";
    }
}
