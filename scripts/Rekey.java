///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//RUNTIME_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --add-opens=jdk.jshell/jdk.jshell=ALL-UNNAMED
//SOURCES ../lib/Rekey.java
//SOURCES Alter.java
//SOURCES Backfill.java
//SOURCES CompareKeys.java
//SOURCES Create.java
//SOURCES Events0002.java
//SOURCES Finalize.java
//SOURCES Healthcheck.java
//SOURCES IsRequired.java
//SOURCES Migrate.java
//SOURCES Optimize.java
//SOURCES Page.java
//SOURCES Pause.java
//SOURCES Plan.java
//SOURCES Precheck.java
//SOURCES Remaining.java
//SOURCES Repl.java
//SOURCES Report.java
//SOURCES Resume.java
//SOURCES Rollback.java
//SOURCES Runbook.java
//SOURCES Shell.java
//SOURCES Status.java
//SOURCES Stop.java
//SOURCES Swap.java
//SOURCES Trial.java
//SOURCES Verify.java

// Every command in one program and one build: the script of each under its verb, is-required being IsRequired. Without
// a verb it opens the shell. The aliases of these commands are this program with its verb.
//
// Example: ./jbang rekey --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import rekey.cli.Program;

Program all() {
    var groups = List.of(
            group("Look, change nothing",
                    "is-required", "plan", "precheck", "healthcheck", "status", "verify", "page", "runbook", "report"),
            group("Without a migration", "compare-keys", "alter"),
            group("A whole migration", "migrate", "events-0002", "stop", "rollback", "finalize"),
            group("One operation of it", "create", "backfill", "pause", "remaining", "swap", "resume", "optimize"),
            group("On your own servers, with tables of its own", "trial"),
            group("At a prompt", "repl", "shell"));
    return program(this, groups, List.of(
            group("To try it out", "lab", "demo"),
            group("For maintainers", "bench", "faults", "tables", "notebooks", "screens", "readme", "format", "test")));
}

void main(String... args) {
    System.exit(args.length == 1 && args[0].equals("rehearsed") ? rehearsed(all()) : all().run(args));
}
