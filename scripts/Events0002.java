///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// The guide's migration 0002_events_sample_by: changes the SAMPLE BY and ORDER BY of the events table to
//   SAMPLE BY cityHash64(distinct_id)
//   ORDER BY (team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid))
// A migration of your own reads the same: other steps, or these in another file under another name.
//
// Example: ./jbang events-0002 --database posthog --dry-run

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.RunOptions;

@Command(name = "events-0002",
        description = "The migration 0002_events_sample_by, its seven operations one below the other.",
        footer = {"", "Example: ./jbang events-0002 --database posthog --dry-run"})
int run(@Mixin RunOptions options,
        @Option(names = "--until", paramLabel = "STEP",
        description = "end when this one is done, such as backfill") String until) {
    var operations = sequence(
            create(),           // 1. a new table with the updated schema
            backfill(),         // 2. online: all that is there, then round after round what came since
            verify(),           //    source and target compared, still online
            whilePaused(        // 3. the views stop: from here the events wait in Kafka
                    remaining(),//    4. the few that came since the last round
                    swap()),    //    5. the new table becomes events, the old one events_backup_0002_events_sample_by
                                // 6. the views go on from where they left off
            optimize());        // 7. duplicates are removed
    try (var job = open(options, "0002_events_sample_by").with(operations)) {
        return job.migrate(until);
    }
}

void main(String... args) { System.exit(command(this, args)); }
