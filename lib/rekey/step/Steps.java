package rekey.step;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import rekey.model.Trouble;
import rekey.session.Session;

/// Steps put together; what comes out is a step again.
public final class Steps {
    private Steps() {}

    /// One after the other; undone in reverse.
    public static Step sequence(Step... steps) {
        return new Sequence(List.of(steps));
    }

    /// Pause, the body, resume. Half done it is one of these, and each says what a restart does; it begins with the
    /// pause again where the swap has not been made, and with what is left of the resume where it has. However the
    /// body ends, ingestion is not left stopped; where the server is away or the outcome unknown the guard opens it
    /// at the deadline.
    public static Step whilePaused(Step... body) {
        return new WhilePaused(List.of(body));
    }

    /// The single operations of a composition, in their order.
    public static List<Step> flat(Step step) {
        return switch (step) {
            case Sequence q -> q.steps.stream().flatMap(s -> flat(s).stream()).toList();
            case WhilePaused w -> {
                var out = new ArrayList<Step>(List.of(new Pause()));
                w.body.forEach(b -> out.addAll(flat(b)));
                out.add(new Resume());
                yield List.copyOf(out);
            }
            default -> List.of(step);
        };
    }

    /// The parts a composition is run by: a bracket stays whole.
    public static List<Step> parts(Step step) {
        return step instanceof Sequence q
                ? q.steps.stream().flatMap(s -> parts(s).stream()).toList()
                : List.of(step);
    }

    /// The single operations that a run goes through as things stand; of a bracket whose body is done only its end.
    ///
    /// @param parts   by which it is run
    /// @param again   what is done, and will be done no more when the run comes to it
    public static List<Step> ahead(List<Step> parts, Session s, Predicate<Step> again) {
        var out = new ArrayList<Step>();
        for (var part : parts) {
            if (part.state(s).phase() == Step.Phase.DONE && !again.test(part)) continue;
            if (part instanceof WhilePaused w && stateOf(w.body, s).phase() == Step.Phase.DONE) out.add(new Resume());
            else out.addAll(flat(part));
        }
        return List.copyOf(out);
    }

    record Sequence(List<Step> steps) implements Step {
        @Override
        public String name() {
            return "sequence";
        }

        @Override
        public State state(Session s) {
            return stateOf(steps, s);
        }

        @Override
        public void run(Session s) {
            for (var step : steps) {
                s.control().checkpoint();
                if (step.state(s).phase() != Phase.DONE) step.run(s);
            }
        }

        @Override
        public void undo(Session s) {
            steps.reversed().forEach(step -> step.undo(s));
        }

        @Override
        public void run(List<Session> shards) {
            for (var step : steps) {
                shards.getFirst().control().checkpoint();
                var left = step.notDone(shards);
                if (!left.isEmpty()) step.run(left);
            }
        }

        @Override
        public void undo(List<Session> shards) {
            steps.reversed().forEach(step -> step.undo(shards));
        }
    }

    record WhilePaused(List<Step> body) implements Step {
        @Override
        public String name() {
            return "while paused";
        }

        @Override
        public State state(Session s) {
            var all = new ArrayList<Step>(body);
            all.add(new Resume());
            return stateOf(all, s);
        }

        @Override
        public void run(Session s) {
            run(List.of(s));
        }

        /// A shard that has been swapped in an earlier try, which another has not, waits for that one's swap.
        @Override
        public void run(List<Session> shards) {
            var left = shards.stream()
                    .filter(s -> stateOf(body, s).phase() != Phase.DONE)
                    .toList();
            // of these the swap itself looks at what is left in the displaced table
            var exchanged = left.stream()
                    .filter(s -> Position.of(s) instanceof Position.Created)
                    .toList();
            if (!left.isEmpty()) {
                Shards.all(shards.stream().filter(s -> !left.contains(s)).toList(), Resume::trailed);
                new Pause().run(left);
                try {
                    body.forEach(step -> step.run(left));
                } catch (Trouble.OutcomeUnknown unknown) {
                    throw unknown;
                } catch (RuntimeException e) {
                    Pause.reopen(left, e);
                    throw e;
                }
            }
            new Resume().run(shards, exchanged);
        }

        @Override
        public void undo(Session s) {
            undo(List.of(s));
        }

        @Override
        public void undo(List<Session> shards) {
            body.reversed().forEach(step -> step.undo(shards));
            new Pause().undo(shards);
        }
    }

    private static Step.State stateOf(List<Step> steps, Session s) {
        for (var step : steps) {
            var state = step.state(s);
            if (state.phase() != Step.Phase.DONE) return state;
        }
        return Step.State.of(true, "all done");
    }
}
