///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//RUNTIME_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
//SOURCES ../lib/Rekey.java

// A JShell with the library on its class path, its words imported, and a connection ready: each step is a value to look
// at, to run, to print, to compose. What needs no connection: jshell --class-path "$(./jbang build shell && ./jbang info classpath shell)".
//
// Example: ./jbang shell --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.PlanOptions;

@Command(name = "shell", description = "A JShell with the library, its imports and a connection ready.",
        footer = {"", "Example: ./jbang shell --database posthog --migration 0002_events_sample_by",
                "         then: plan(session, migration).steps()    create().describe(session)    runner(session).run(create())"})
int open(@Mixin PlanOptions options) {
    return jshell(options, """
            import static rekey.Rekey.*;
            import rekey.clickhouse.*;
            import rekey.migration.*;
            import rekey.model.*;
            import rekey.run.*;
            import rekey.session.*;
            import rekey.step.*;
            var server = rekey.repl.JShell.server();
            %s
            """.formatted(options.named() ? "var migration = rekey.repl.JShell.migration();\nvar session = session(server, migration);" : ""));
}

void main(String... args) { System.exit(command(this, args)); }
