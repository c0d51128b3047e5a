///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Queries of your own, or those of the query log that read most of the table, under several sorting keys side by side:
// rows and bytes read, time, compressed size, and what would read more; measured on a sample of the largest partition.
// Makes scratch tables beside the table, after it has asked, and drops them.
//
// Example: ./jbang compare-keys --table shop.hits --key 'visitor, at'

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.CompareKeysOptions;

@Command(name = "compare-keys", description = "Measures queries on a sample of a table under several sorting keys; "
                + "drops what it makes.",
        footer = {"", "Example: ./jbang compare-keys --table shop.hits --key 'visitor, at'",
                "         ./jbang compare-keys --table shop.hits --key visitor --queries my.sql"})
int compare(@Mixin CompareKeysOptions options) { return options.compare(); }

void main(String... args) { System.exit(command(this, args)); }
