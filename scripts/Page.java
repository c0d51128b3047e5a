///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// A live page of all migrations of a database, for a browser of this machine: steps, partitions, rows a second, lag,
// checks and the journal as they change. It only shows, unless it is opened with --control; closing it ends nothing.
//
// Example: ./jbang page --database posthog

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.page.PageOptions;

@Command(name = "page", description = "A live page of all migrations of a database, on this machine only; "
                + "only shows, unless --control.",
        footer = {"", "Example: ./jbang page --database posthog",
                "         ./jbang page --database posthog --control --port 8300"})
int open(@Mixin PageOptions options) {
    return page(options);
}

void main(String... args) { System.exit(command(this, args)); }
