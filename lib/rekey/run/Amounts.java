package rekey.run;

import java.time.Duration;
import java.util.Locale;

/// Numbers as people read them; short, for a line of a terminal.
public final class Amounts {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Amounts() { }

    /// `1,234,567`.
    public static String rows(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /// `690 MiB`, `1.2 GiB`.
    public static String bytes(long n) {
        double d = n;
        int unit = 0;
        while (d >= 1024 && unit < UNITS.length - 1) {
            d /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || d >= 100 ? "%.0f %s" : "%.1f %s", d, UNITS[unit]);
    }

    /// `312 ms`, `4.2 s`, `2m10s`, `3h05m`, `2d04h`.
    public static String time(Duration d) {
        long s = d.toSeconds();
        if (d.toMillis() < 1000) return d.toMillis() + " ms";
        if (s < 10) return String.format(Locale.ROOT, "%.1f s", d.toMillis() / 1000.0);
        if (s < 60) return s + " s";
        if (s < 3600) return String.format("%dm%02ds", s / 60, s % 60);
        if (s < 86400) return String.format("%dh%02dm", s / 3600, s / 60 % 60);
        return String.format("%dd%02dh", s / 86400, s / 3600 % 24);
    }

    /// `1 row`, `2 rows`.
    public static String count(long n, String one) {
        return rows(n) + " " + one + (n == 1 ? "" : "s");
    }
}
