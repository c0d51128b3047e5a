package rekey.session;

import static java.util.Map.entry;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import rekey.model.Blocks;
import rekey.model.Rewrite;
import rekey.model.Trouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Writes the details of the journal's lines as keys and texts, and reads them back: the one place that knows how a
/// type is written. The names are those of the records' components: see [Detail].
final class DetailText {
    private static final List<Class<?>> KINDS = kinds(Detail.class)
            .filter(kind -> kind.isAnnotationPresent(LineOf.class))
            .toList();

    private static final Map<Class<?>, Function<String, Object>> READERS = Map.ofEntries(
            entry(String.class, text -> text),
            entry(int.class, Integer::valueOf),
            entry(Integer.class, Integer::valueOf),
            entry(long.class, Long::valueOf),
            entry(Long.class, Long::valueOf),
            entry(boolean.class, "1"::equals),
            entry(Instant.class, text -> Micros.instant(Long.parseLong(text))),
            entry(Duration.class, text -> Duration.ofMillis(Long.parseLong(text))),
            entry(Encoded.Words.class, Encoded.Words::parse),
            entry(Encoded.Names.class, Encoded.Names::parse),
            entry(Encoded.Sums.class, Encoded.Sums::parse),
            entry(Encoded.Counts.class, Encoded.Counts::parse),
            entry(Encoded.Readings.class, Encoded.Readings::parse),
            entry(HighestBlock.class, HighestBlock::parse),
            entry(Definition.class, Definition::parse),
            entry(Rewrite.class, text -> JsonMapper.shared().readValue(text, Rewrite.class)));

    private DetailText() {}

    static List<Class<?>> kinds() {
        return KINDS;
    }

    private static Stream<Class<?>> kinds(Class<?> sealed) {
        return Arrays.stream(sealed.getPermittedSubclasses())
                .flatMap(kind -> kind.isSealed() ? kinds(kind) : Stream.of(kind));
    }

    /// The record of a line. What it does not know stays with the line, see [Entry#text].
    ///
    /// @throws Trouble.Refused where a key that must be there is not, or can't be read
    static Detail read(String step, Entry.Event event, Map<String, String> text) {
        return KINDS.stream()
                .filter(kind -> isOf(kind.getAnnotation(LineOf.class), step, event, text))
                .findFirst()
                .<Detail>map(kind -> (Detail) read(kind, text, event + " of step '" + step + "'"))
                .orElseGet(() -> new Detail.Bare(event));
    }

    private static boolean isOf(LineOf line, String step, Entry.Event event, Map<String, String> text) {
        return line.value() == event
                && (line.step().isEmpty() || line.step().equals(step))
                && (line.by().isEmpty() || text.containsKey(line.by()));
    }

    private static Record read(Class<?> kind, Map<String, String> text, String line) {
        var components = kind.getRecordComponents();
        var values = new Object[components.length];
        for (int i = 0; i < values.length; i++) values[i] = read(components[i], text, line);
        try {
            var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            return (Record) kind.getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            throw unreadable(line, kind.getSimpleName(), text.toString(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object read(RecordComponent component, Map<String, String> text, String line) {
        var type = component.getGenericType();
        boolean optional = component.getType() == Optional.class;
        if (optional) type = ((ParameterizedType) type).getActualTypeArguments()[0];
        if (type instanceof Class<?> c && LinePart.class.isAssignableFrom(c)) {
            if (!optional) return read(c, text, line);
            return text.containsKey(name(c.getRecordComponents()[0]))
                    ? Optional.of(read(c, text, line))
                    : Optional.empty();
        }
        var name = name(component);
        if (name.endsWith("*")) return beginningWith(name.substring(0, name.length() - 1), text);
        var value = text.get(name);
        if (value == null && optional) return Optional.empty();
        if (value == null && type == boolean.class) return false;
        if (value == null) throw unreadable(line, name, "not there", null);
        try {
            var known = value(type, value);
            return optional ? Optional.of(known) : known;
        } catch (IllegalArgumentException
                | IndexOutOfBoundsException
                | DateTimeException
                | ArithmeticException
                | JacksonException e) {
            throw unreadable(line, name, "'" + value + "'", e);
        }
    }

    private static Trouble.Refused unreadable(String line, String key, String is, Throwable cause) {
        return new Trouble.Refused(
                "The journal has a line that can't be read: in " + line + " the key " + key + " is " + is
                        + ". Nothing was changed. Use the version of rekey that wrote it, or one that is newer.",
                cause);
    }

    private static Map<String, String> beginningWith(String prefix, Map<String, String> text) {
        var out = new TreeMap<String, String>();
        text.forEach((key, value) -> {
            if (key.startsWith(prefix)) out.put(key.substring(prefix.length()), value);
        });
        return out;
    }

    static String name(RecordComponent component) {
        var key = component.getAnnotation(Key.class);
        return key == null ? component.getName() : key.value();
    }

    static Object value(Type type, String text) {
        // the one type with parameters
        if (type instanceof ParameterizedType) return Blocks.byPartition(text);
        return READERS.get(type).apply(text);
    }

    /// The keys of a detail and their texts.
    static Map<String, String> write(Detail detail) {
        var out = new TreeMap<String, String>();
        if (!(detail instanceof Detail.Bare)) write((Record) detail, out);
        return out;
    }

    private static void write(Record record, Map<String, String> out) {
        for (var component : record.getClass().getRecordComponents()) {
            Object value;
            try {
                value = component.getAccessor().invoke(record);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
            if (value instanceof Optional<?> o) value = o.orElse(null);
            var name = name(component);
            if (value == null || value == Boolean.FALSE) continue;
            if (value instanceof LinePart) write((Record) value, out);
            else if (name.endsWith("*"))
                ((Map<?, ?>) value)
                        .forEach((key, text) -> out.put(name.substring(0, name.length() - 1) + key, (String) text));
            else out.put(name, text(value));
        }
    }

    private static String text(Object value) {
        return switch (value) {
            case Boolean yes -> "1";
            case Instant at -> "" + Micros.of(at);
            case Duration d -> "" + d.toMillis();
            case Definition d -> d.toJson();
            case Rewrite r -> JsonMapper.shared().writeValueAsString(r);
            case Map<?, ?> blocks -> {
                var byPartition = new TreeMap<String, Blocks>();
                blocks.forEach((partition, b) -> byPartition.put((String) partition, (Blocks) b));
                yield Blocks.text(byPartition);
            }
            default -> value.toString();
        };
    }
}
