///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Where no copy is needed: the server's own ALTER for a sampling key that is in the primary key, for columns that it
// adds and appends to the sorting key, or for a projection in place of new keys. Plan says which of them would do, and
// what queries would gain. Asks first. What the server would refuse is refused before, exit 3.
//
// Example: ./jbang alter --table shop.hits --sample-by 'cityHash64(visitor)'

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.AlterOptions;

@Command(name = "alter", description = "Alters keys where the server can without a copy, or adds a projection; "
                + "asks first.",
        footer = {"", "Example: ./jbang alter --table shop.hits --sample-by 'cityHash64(visitor)'",
                "         ./jbang alter --table shop.hits --order-by 'site, at' --projection"})
int run(@Mixin AlterOptions options) {
    try (var job = open(options)) {
        return job.alter(options);
    }
}

void main(String... args) { System.exit(command(this, args)); }
