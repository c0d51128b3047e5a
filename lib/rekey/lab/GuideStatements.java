package rekey.lab;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.model.TableName;

/// What makes the guide's tables, on one server and on each host of a cluster alike.
record GuideStatements(GuideTable.Options options) {
    private static final String INGESTED = "uuid UUID, event VARCHAR, properties VARCHAR,"
            + " timestamp DateTime64(6, 'UTC'), team_id Int64, distinct_id VARCHAR, created_at DateTime64(6, 'UTC')";

    /// The table that holds the rows.
    String table(TableName name) {
        return """
            CREATE TABLE %s (
                uuid UUID,
                event VARCHAR,
                properties VARCHAR CODEC(ZSTD(3)),
                timestamp DateTime64(6, 'UTC'),
                team_id Int64,
                distinct_id VARCHAR,
                created_at DateTime64(6, 'UTC'),
                properties_browser String MATERIALIZED JSONExtractString(properties, '$browser') COMMENT
                  'column_materializer::$browser',
                _timestamp DateTime,
                _offset UInt64,
                _partition UInt64%s
            ) ENGINE = %s
            PARTITION BY toYYYYMM(timestamp)
            ORDER BY (team_id, toDate(timestamp), distinct_id, uuid)%s\
            """.formatted(
                        name.sql(),
                        insertedAt(),
                        options.engine(),
                        options.granule() == GuideTable.Options.GUIDE.granule()
                                ? ""
                                : " SETTINGS index_granularity = " + options.granule());
    }

    /// What is written to on a cluster: the columns that an INSERT names.
    String writable(TableName name, String engine) {
        return "CREATE TABLE %s (%s, _timestamp DateTime, _offset UInt64, _partition UInt64%s) ENGINE = %s"
                .formatted(name.sql(), INGESTED, insertedAt(), engine);
    }

    /// The table that reads from Kafka.
    String kafkaTable(TableName name, String bootstrap, String topic, String group, int consumers) {
        return """
            CREATE TABLE %s (%s) ENGINE = Kafka SETTINGS kafka_broker_list = %s, kafka_topic_list = %s,
                kafka_group_name = %s, kafka_format = 'JSONEachRow', kafka_num_consumers = %d,
                kafka_thread_per_consumer = 1%s\
            """.formatted(
                        name.sql(),
                        INGESTED,
                        Sql.text(bootstrap),
                        Sql.text(topic),
                        Sql.text(group),
                        consumers,
                        options.flushMillis() == null
                                ? ""
                                : ", kafka_flush_interval_ms = %d, kafka_poll_timeout_ms = 100"
                                        .formatted(options.flushMillis()));
    }

    /// The view from it to where the rows go.
    String view(TableName name, TableName to, TableName kafkaTable) {
        return """
            CREATE MATERIALIZED VIEW %s TO %s AS
            SELECT uuid, event, properties, timestamp, team_id, distinct_id, created_at,
                assumeNotNull(_timestamp) AS _timestamp, _offset, _partition%s
            FROM %s\
            """.formatted(
                        name.sql(),
                        to.sql(),
                        options.insertedAt() ? ", now64(6, 'UTC') AS " + GuideTable.INSERTED_AT : "",
                        kafkaTable.sql());
    }

    /// Rows of months that end with today, the same ones for the same seed and day.
    /// Where some days are dense, nine rows of ten are in these, and the largest team has a quarter instead of a
    /// seventh.
    ///
    /// @param from how many were filled before
    String fill(TableName to, long rows, long seed, long from) {
        var today = LocalDate.now(ZoneOffset.UTC);
        long since = midnight(today.withDayOfMonth(1).minusMonths(options.months() - 1)),
                until = midnight(today.plusDays(1)),
                dense = options.denseDays() == 0 ? since : midnight(today.minusDays(options.denseDays() - 1));
        return """
            INSERT INTO %1$s (uuid, event, properties, timestamp, team_id, distinct_id, created_at, _timestamp,
              _offset, _partition)
            WITH
                sipHash64(%2$d, number) AS h, sipHash64(%2$d, number, 'when') AS w, sipHash64(%2$d, number,
                  'who') AS u,
                if(w %% 10 = 0, %3$d + intDiv(w, 10) %% %11$d, %12$d + intDiv(w, 10) %% %13$d) AS sec,
                fromUnixTimestamp64Micro(toInt64(sec * 1000000 + h %% 1000000), 'UTC') AS ts,
                1 + toInt64(floor(%4$d * pow((u %% 100003) / 100003, %14$d))) AS team
            SELECT
                reinterpretAsUUID(sipHash128(%2$d, number)),
                %5$s[1 + greatest(toInt64(h %% 13) - 3, 0)],
                concat('{"$browser":"', %6$s[1 + h %% 7 %% 5],
                  '","$lib":"web","$current_url":"https://app.example.com/project/',
                    toString(team), '/', lower(hex(w %% 4096)), '","$session_id":"', lower(hex(u)),
                      '","duration":', toString(h %% 5000), '}'),
                ts, team, concat('user-', toString(u %% %7$d)), ts + toIntervalSecond(h %% 5), toDateTime(ts),
                  %8$d + number, %9$d
            FROM numbers(%10$d)\
            """.formatted(
                        to.sql(),
                        seed,
                        since,
                        GuideTable.TEAMS,
                        array(GuideTable.EVENTS),
                        array(GuideTable.BROWSERS),
                        GuideTable.USERS,
                        from,
                        GuideTable.FILLED,
                        rows,
                        until - since,
                        dense,
                        until - dense,
                        options.denseDays() == 0 ? 3 : 4);
    }

    private String insertedAt() {
        return options.insertedAt() ? ", " + GuideTable.INSERTED_AT + " DateTime64(6, 'UTC')" : "";
    }

    private static long midnight(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toEpochSecond();
    }

    private static String array(List<String> values) {
        return values.stream().map(Sql::text).collect(Collectors.joining(", ", "[", "]"));
    }
}
