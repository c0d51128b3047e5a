///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//RUNTIME_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --add-opens=jdk.jshell/jdk.jshell=ALL-UNNAMED
//SOURCES ../lib/Rekey.java

// A JShell with the library on its class path, its words imported, and a connection ready: each step is a value to
// look at, to run, to print, to compose. It is the JShell of the JDK that rekey runs on, whatever `java` is.
//
// Example: ./jbang shell --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.PlanOptions;

@Command(name = "shell", description = "A JShell with the library, its imports and a connection ready.",
        footer = {"", "Example: ./jbang shell --database posthog --migration 0002_events_sample_by",
                "         then: plan(session, migration).steps()    plan(session, create()).sql()    "
                                + "runner(session).run(create())"})
int open(@Mixin PlanOptions options,
        @Option(names = "--no-server", description = "connect nowhere; the words alone") boolean nowhere) {
    return jshell(options, !nowhere, """
            import static rekey.Rekey.*;
            import rekey.clickhouse.*;
            import rekey.migration.*;
            import rekey.model.*;
            import rekey.run.*;
            import rekey.session.*;
            import rekey.step.*;
            %s
            """.formatted(nowhere ? "" : "var server = rekey.repl.JShell.server();\n" + (options.named()
                    ? "var migration = rekey.repl.JShell.migration();\n"
                            + "var session = session(server, migration);" : "")));
}

void main(String... args) { System.exit(command(this, args)); }
