package rekey.repl.command;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import rekey.cli.ClientConfig;
import rekey.look.KnownMigration;
import rekey.migration.Events0002;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.repl.context.Target;
import rekey.repl.sql.Vocabulary;

/// What may stand where a parameter or an option's value is typed: each parameter names its own kind as picocli's
/// `completionCandidates`. What can't be read offers nothing, for completion is no place to complain.
public final class Candidates {
    private final Target target;
    private final Vocabulary vocabulary;
    private List<String> typed = List.of();

    Candidates(Target target) {
        this.target = target;
        this.vocabulary = new Vocabulary(() -> target.server());
    }

    /// The server's names and words.
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /// That of bare names in SQL.
    public String database() {
        return target.endpoint().database();
    }

    /// The words of the line before the one that is completed, the command the first of them.
    public void typed(List<String> words) {
        typed = List.copyOf(words);
    }

    /// Candidates of one kind; they are asked of the server when they are asked for here.
    abstract static class Kind implements Iterable<String> {
        private Candidates from;

        void from(Candidates asked) {
            from = asked;
        }

        abstract Stream<String> of(Candidates from);

        @Override
        public final Iterator<String> iterator() {
            try {
                return of(from).iterator();
            } catch (Trouble e) {
                return new ArrayList<String>().iterator();
            }
        }
    }

    static final class Tables extends Kind {
        @Override
        Stream<String> of(Candidates from) {
            return from.vocabulary.tables(from.target.database()).stream();
        }
    }

    static final class Databases extends Kind {
        @Override
        Stream<String> of(Candidates from) {
            return from.vocabulary.databases().stream();
        }
    }

    /// Of the table that was typed just before.
    static final class Partitions extends Kind {
        @Override
        Stream<String> of(Candidates from) {
            var table = from.typed.size() > 1
                    ? TableName.parse(from.typed.get(1), from.target.database())
                    : from.target.source().orElse(new TableName(from.target.database(), ""));
            return from.vocabulary.partitions(table).stream();
        }
    }

    static final class Queries extends Kind {
        @Override
        Stream<String> of(Candidates from) {
            return from.vocabulary.queries().stream();
        }
    }

    static final class Connections extends Kind {
        @Override
        Stream<String> of(Candidates from) {
            return ClientConfig.read().named().keySet().stream();
        }
    }

    static final class Names extends Kind {
        @Override
        Stream<String> of(Candidates from) {
            return Commands.names();
        }
    }

    static final class Steps extends Kind {
        @Override
        Stream<String> of(Candidates from) {
            return from.target.migration().stream()
                    .flatMap(m -> rekey.step.Steps.flat(m.steps()).stream())
                    .map(rekey.step.Step::name)
                    .distinct();
        }
    }

    static final class StepsAndFinalize extends Kind {
        @Override
        Stream<String> of(Candidates from) {
            return Stream.concat(new Steps().of(from), Stream.of("finalize"));
        }
    }

    static final class Migrations extends Kind {
        @Override
        Stream<String> of(Candidates from) {
            return Stream.concat(Stream.of(Events0002.NAME), known(from)).distinct();
        }

        private static Stream<String> known(Candidates from) {
            try {
                return KnownMigration.of(from.target.server()).stream()
                        .map(k -> k.rewrite().migration());
            } catch (Trouble e) {
                return Stream.of();
            }
        }
    }
}
