package rekey.model;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// A table's name is a name of files: percent-encoded, beside its database's and a UUID, it must fit into 255 bytes.
/// A name of 88 letters passed every check and failed at a staging table. So names that would be too long are cut,
/// and end with a hash of what they would have been.
public final class LongName {
    /// What the longest name that is made of a target's adds to it: `_staging_r12345678_1234567`.
    private static final int ADDED = 28;
    /// 255 bytes without `.sql.detached`, two dots and the UUID that a table's file has while it is dropped.
    private static final int ROOM = 255 - 13 - 2 - 36;

    private LongName() {}

    /// `<table><what><rest>`, or as much of the table's name as there is room for, with a hash in place of the rest.
    static String fitting(TableName table, String what, String rest) {
        int room = ROOM - encoded(table.database()) - ADDED;
        var full = table.table() + what + rest;
        if (encoded(full) <= room) return full;
        var end = what + "_"
                + UUID.nameUUIDFromBytes(full.getBytes(StandardCharsets.UTF_8))
                        .toString()
                        .substring(0, 8);
        var kept = table.table().codePoints().toArray();
        int n = kept.length;
        while (n > 1 && encoded(new String(kept, 0, n)) + end.length() > room) n--;
        return new String(kept, 0, n) + end;
    }

    /// The bytes of a name as ClickHouse names files: what is no letter, digit or underscore takes three a byte.
    public static int encoded(String name) {
        int n = 0;
        for (byte b : name.getBytes(StandardCharsets.UTF_8))
            n += b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' ? 1 : 3;
        return n;
    }

    /// The longest name that a migration makes.
    public static String longest(Rewrite rewrite) {
        var staging = rewrite.target().table() + "x".repeat(ADDED);
        var backup = rewrite.backup().table();
        return encoded(staging) > encoded(backup) ? staging : backup;
    }
}
