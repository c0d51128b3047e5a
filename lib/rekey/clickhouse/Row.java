package rekey.clickhouse;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/// One row of an answer. Values are kept as text, arrays as lists of text: what a person would read.
public record Row(Map<String, Object> values) {

    public String string(String column) {
        var v = value(column);
        return v == null ? "" : v.toString();
    }

    public boolean isNull(String column) {
        return value(column) == null;
    }

    /// @throws NumberFormatException where the value is no whole number of 64 bits
    public long number(String column) {
        var text = string(column);
        if (text.isEmpty()) return 0;
        return text.length() < 19 ? Long.parseLong(text) : new BigInteger(text).longValueExact();
    }

    public double real(String column) {
        var text = string(column);
        return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
    }

    public boolean flag(String column) {
        var text = string(column);
        return text.equals("1") || text.equals("true");
    }

    @SuppressWarnings("unchecked")
    public List<String> strings(String column) {
        return (List<String>) value(column);
    }

    private Object value(String column) {
        if (!values.containsKey(column))
            throw new IllegalArgumentException("no column " + column + " among " + values.keySet());
        return values.get(column);
    }
}
