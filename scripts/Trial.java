///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Tries rekey on your own server or cluster with tables of its own: a database of a name that nobody else has is made
// on each host and filled, its table is migrated, taken back, migrated again and finalized while rows are inserted
// through every host, each replica is judged by what was written, and the database is dropped. Nothing else is
// touched. Exit code 3 when a row is missing, doubled or different on any replica.
//
// Example: ./jbang trial --url http://host:8123 --cluster main

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.TrialOptions;

@Command(name = "trial",
        description = "Migrates a table of its own on your server or cluster, judges it, and drops it.",
        footer = {"", "Example: ./jbang trial --url http://host:8123 --cluster main"})
int run(@Mixin TrialOptions options) {
    var outcome = options.run();
    options.print(outcome);
    return outcome.ok() ? 0 : 3;
}

void main(String... args) { System.exit(command(this, args)); }
