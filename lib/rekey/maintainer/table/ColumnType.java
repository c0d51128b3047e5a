package rekey.maintainer.table;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A type that a drawn column may have, and what stands in it.
///
/// @param value  of row `i`, the same each time that it is computed
/// @param shown  what two tables are compared by, `{}` being the column: bytes of states and of columns without a
///               type
/// of their own may differ where their values don't
/// @param codecs that go with it
record ColumnType(String type, String value, Family family, String shown, List<String> codecs) {
    /// Which indices a type goes with.
    enum Family {
        NUMBER,
        TEXT,
        TIME,
        OTHER
    }

    private static final List<String> ANY = List.of("ZSTD(1)", "LZ4", "LZ4HC(3)", "NONE", "ZSTD(3)");
    private static final List<String> NUMBERS =
            List.of("Delta, ZSTD(1)", "DoubleDelta, LZ4", "T64, LZ4", "ZSTD(1)", "Delta, LZ4");
    private static final List<String> FLOATS = List.of("Gorilla, LZ4", "FPC, ZSTD(1)", "ZSTD(1)", "LZ4");
    private static final String AS_IT_IS = "{}", AS_TEXT = "toString({})", YIELDED = "finalizeAggregation({})";

    /// All that a column is drawn from.
    static final List<ColumnType> ALL = Stream.of(
                    numbers("""
                        UInt8 | toUInt8(i % 250)
                        UInt16 | toUInt16(i % 65000)
                        UInt32 | toUInt32(i * 7)
                        UInt64 | i * 1000003
                        Int8 | toInt8(i % 100 - 50)
                        Int32 | toInt32(1000 - i)
                        Int64 | -toInt64(i)
                        Date | toDate('2020-01-01') + i % 3000
                        DateTime | toDateTime('2026-01-01 00:00:00') + i
                        DateTime('Europe/Berlin') | toDateTime('2025-10-26 00:30:00', 'Europe/Berlin') + i * 60
                        DateTime64(6, 'UTC') | toDateTime64('2026-01-01 00:00:00', 6, 'UTC') + i / 7\
                        """, NUMBERS),
                    numbers("""
                        Float32 | toFloat32(i / 7)
                        Float64 | if(i % 9 = 0, nan, i / 3)\
                        """, FLOATS),
                    others("""
                        Int128 | toInt128(i) * toInt128('-170141183460469231731')
                        UInt256 | toUInt256(i) * toUInt256('340282366920938463463')
                        Decimal(9, 3) | toDecimal32(i % 100000 / 8, 3)
                        Decimal(38, 10) | toDecimal128(i / 7, 10)
                        Bool | i % 3 = 0
                        String | concat('text ', toString(i % 97), ' of word', toString(i))
                        FixedString(8) | substring(hex(cityHash64(i)), 1, 8)
                        LowCardinality(String) | concat('v', toString(i % 40))
                        LowCardinality(Nullable(String)) | if(i % 4 = 0, NULL, concat('v', toString(i % 12)))
                        LowCardinality(FixedString(2)) | ['DE', 'FR', 'US'][i % 3 + 1]
                        Nullable(String) | if(i % 5 = 0, NULL, toString(i))
                        Nullable(Int64) | if(i % 7 = 0, NULL, toInt64(i))
                        Nullable(DateTime64(3, 'UTC')) | if(i % 2, NULL, toDateTime64('2026-01-01', 3, 'UTC') + i)
                        UUID | reinterpretAsUUID(toUInt128(i) * toUInt128('18446744073709551629'))
                        IPv4 | toIPv4(concat('10.0.', toString(i % 256), '.', toString(i % 251)))
                        IPv6 | toIPv6(concat('2001:db8::', lower(hex(toUInt16(i % 65000)))))
                        Date32 | toDate32('1950-01-01') + toInt32(i % 9000)
                        Enum8('' = 0, 'one' = 1, 'it''s' = 2) | ['', 'one', 'it''s'][i % 3 + 1]
                        Enum16('a' = -300, 'b' = 1, 'c' = 3000) | ['a', 'b', 'c'][i % 3 + 1]
                        Array(UInt32) | arrayMap(x -> toUInt32(x + i), range(i % 5))
                        Array(Nullable(String)) | if(i % 3 = 0, [], [toString(i), NULL])
                        Array(Array(Int8)) | [[toInt8(i % 100)], []]
                        Array(LowCardinality(String)) | [concat('a', toString(i % 9)), 'b']
                        Map(String, UInt64) | map('k', i, concat('k', toString(i % 6)), 1)
                        Map(LowCardinality(String), Array(String)) | map('x', [toString(i)])
                        Tuple(a UInt8, b String) | tuple(toUInt8(i % 200), toString(i))
                        Tuple(UInt8, Nullable(String)) | tuple(toUInt8(i % 200), if(i % 2 = 0, NULL, 'y'))
                        Array(Tuple(k String, v UInt32)) | [tuple('k', toUInt32(i)), tuple('l', 0)]
                        Point | tuple(i / 3, -i)
                        SimpleAggregateFunction(max, UInt64) | i\
                        """, AS_IT_IS),
                    cast(
                            "JSON",
                            "concat('{\"a\":', toString(i), ',\"b\":{\"c\":\"x', toString(i % 7), '\"},\"k',"
                                    + " toString(i % 5), '\":[1,2]}')"),
                    cast(
                            "JSON(max_dynamic_paths = 2, a UInt32)",
                            "concat('{\"a\":', toString(i), ',\"q', toString(i % 6), '\":true}')"),
                    cast("Variant(String, UInt64)", "i", "toString(i)"),
                    cast("Dynamic", "i", "'text'", "[i]"),
                    cast("Dynamic(max_types = 2)", "i", "toDate('2026-01-01')", "'t'"),
                    others("""
                        AggregateFunction(sum, UInt64) | initializeAggregation('sumState', i)
                        AggregateFunction(uniq, String) | initializeAggregation('uniqState', toString(i))
                        AggregateFunction(groupArray, UInt32) | initializeAggregation('groupArrayState', toUInt32(i))\
                        """, YIELDED))
            .flatMap(s -> s)
            .toList();

    private static Stream<ColumnType> numbers(String lines, List<String> codecs) {
        return lines.lines().map(line -> {
            var type = before(line);
            return new ColumnType(
                    type, behind(line), type.startsWith("Date") ? Family.TIME : Family.NUMBER, AS_IT_IS, codecs);
        });
    }

    private static Stream<ColumnType> others(String lines, String shown) {
        return lines.lines().map(line -> {
            var type = before(line);
            var text = List.of("String", "LowCardinality(String)", "FixedString(8)")
                    .contains(type);
            return new ColumnType(type, behind(line), text ? Family.TEXT : Family.OTHER, shown, ANY);
        });
    }

    /// One of some values by turns, as a type without a text of its own.
    private static Stream<ColumnType> cast(String type, String... values) {
        var all = Arrays.stream(values)
                .map(v -> "CAST(" + v + ", '" + type + "')")
                .collect(Collectors.joining(", "));
        var value = values.length == 1 ? all : "[" + all + "][i % " + values.length + " + 1]";
        return Stream.of(new ColumnType(type, value, Family.OTHER, AS_TEXT, ANY));
    }

    private static String before(String line) {
        return line.substring(0, line.indexOf(" | "));
    }

    private static String behind(String line) {
        return line.substring(line.indexOf(" | ") + 3);
    }

    boolean oneOf(String... types) {
        return Arrays.asList(types).contains(type);
    }
}
