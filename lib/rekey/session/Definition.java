package rekey.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import rekey.clickhouse.Ddl;
import rekey.model.Table;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// A table's definition, to be compared with what it was when the plan was made. The settings that rekey itself
/// changes for a time are left out.
///
/// @param facts what a person would name: keys, columns, settings, engine, TTL
/// @param text  the whole CREATE statement, for what the facts leave out: codecs, indices, projections, comments
public record Definition(Map<String, String> facts, String text) {
    private static final List<String> OWN =
            List.of(Ddl.BLOCK_NUMBERS, Ddl.MUTATIONS_KEPT, Ddl.DUE_ONLY, Ddl.HOLD_MERGES, Ddl.FORCED_MERGES);
    private static final Pattern OWN_SETTINGS = Pattern.compile(",? (?:" + String.join("|", OWN) + ") = [^,\\s]+");

    private static final Pattern NAME = Pattern.compile(
            "^CREATE TABLE (?:`(?:[^`\\\\]|\\\\.)*`|[^`\\s(.]+)\\.(?:`(?:[^`\\\\]|\\\\.)*`|[^`\\s(.]+)");

    private static final String ENGINE = "engine";

    public static Definition of(Table table) {
        var facts = new TreeMap<String, String>();
        facts.put(ENGINE, table.engineClause());
        facts.put("sorting key", table.keys().orderBy());
        facts.put("sampling key", table.keys().sampleBy());
        facts.put("partition key", table.keys().partitionBy());
        facts.put("primary key", table.keys().primaryKey());
        facts.put("TTL", table.ttl());
        facts.put("storage policy", table.storagePolicy());
        for (var c : table.columns())
            facts.put(
                    "column " + c.name(),
                    (c.type() + " " + c.kind() + " " + c.expression() + (c.ttl().isEmpty() ? "" : " TTL " + c.ttl()))
                            .strip()
                            .replaceAll("  +", " "));
        table.settings().forEach((name, value) -> {
            if (!OWN.contains(name)) facts.put("setting " + name, value);
        });
        return new Definition(
                facts,
                OWN_SETTINGS
                        .matcher(table.definition())
                        .replaceAll("")
                        .replace("SETTINGS,", "SETTINGS")
                        .strip());
    }

    /// The clause by which the table was made; the first versions' definitions had none.
    Optional<String> engineClause() {
        return Optional.ofNullable(facts.get(ENGINE));
    }

    /// What has changed since, one phrase each; empty when it is the same.
    public List<String> changes(Definition now) {
        var out = new ArrayList<String>();
        var names = new TreeSet<>(facts.keySet());
        names.addAll(now.facts.keySet());
        for (var name : names) {
            var was = facts.getOrDefault(name, "");
            var is = now.facts.getOrDefault(name, "");
            if (!was.equals(is))
                out.add(name + ": " + (was.isEmpty() ? "(none)" : was) + " -> " + (is.isEmpty() ? "(none)" : is));
        }
        if (out.isEmpty() && !named(text).equals(named(now.text)))
            out.add("a codec, index, projection, constraint or comment; its definition was: " + text);
        return out;
    }

    /// After the swap the old table has another name, which is no change.
    private static String named(String text) {
        return NAME.matcher(text).replaceFirst("");
    }

    public String toJson() {
        return JsonMapper.shared().writeValueAsString(this);
    }

    public static Definition parse(String json) {
        return JsonMapper.shared().readValue(json, new TypeReference<Definition>() {});
    }
}
