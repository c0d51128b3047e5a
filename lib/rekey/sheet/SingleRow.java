package rekey.sheet;

import java.util.ArrayList;
import java.util.List;

/// Collects what is known of one thing: a grid of one row, which reads best as a value a line.
public final class SingleRow {
    private final List<Grid.Column> names = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();

    /// What is empty is left out.
    public SingleRow add(String name, String value) {
        if (value.isEmpty()) return this;
        names.add(new Grid.Column(name, Grid.Kind.TEXT));
        values.add(value);
        return this;
    }

    public Grid grid(String title) {
        return new Grid(title, names, List.of(values), List.of(), true);
    }
}
