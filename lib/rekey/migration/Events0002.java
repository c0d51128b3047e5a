package rekey.migration;

import java.util.List;
import java.util.Optional;
import rekey.model.Rewrite;
import rekey.model.TableName;

/// The guide's migration: `SAMPLE BY` and `ORDER BY` of the events table.
public final class Events0002 {
    public static final String NAME = "0002_events_sample_by";

    private Events0002() {}

    /// @param table the events table; `events` in PostHog's own database
    public static Migration of(TableName table) {
        return new Migration(
                new Rewrite(
                        NAME,
                        table,
                        "toYYYYMM(timestamp)",
                        "",
                        "team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid)",
                        "cityHash64(distinct_id)",
                        ""),
                Optional.of("21.6"),
                List.of(),
                Migration.inOrder());
    }
}
