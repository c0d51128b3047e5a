-- T: c_ott.otel_traces
-- K: --order-by 'toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp, TraceId' --partition-by
--   'toMonday(Timestamp)'
-- BG: INSERT INTO c_ott.otel_traces (Timestamp, TraceId, SpanId, SpanName, SpanKind, ServiceName, SpanAttributes,
--   Duration, StatusCode, `Events.Timestamp`, `Events.Name`, `Events.Attributes`) SELECT
--   toDateTime64('2026-01-05 00:00:00', 9)+{n}+number/1000, hex(MD5(toString({n}*100+number))), hex(number), 'op',
--   'Server', 'svc'||number%4, map('n', '{n}'), number, 'Ok', [toDateTime64('2026-01-05 00:00:00', 9)], ['e'],
--   [map('a', 'b')] FROM numbers(40)
-- AFTER: INSERT INTO c_ott.otel_traces (Timestamp, TraceId, ServiceName) SELECT toDateTime64('2026-01-09 00:00:00',
--   9)+number, 'after'||number, 'x' FROM numbers(100)
-- CHECK: SELECT TraceId, min(Start), max(End) FROM c_ott.otel_traces_trace_id_ts WHERE TraceId LIKE 'after%' GROUP BY
--   TraceId LIMIT 2
-- source: the OpenTelemetry exporter's otel_traces with the view that keeps each trace's times; contrib pull 47720
--   brought time first for its logs, and contrib issue 41984 asks the same questions of its traces
CREATE TABLE c_ott.otel_traces (
 Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)), TraceId String CODEC(ZSTD(1)), SpanId String CODEC(ZSTD(1)),
   ParentSpanId String CODEC(ZSTD(1)), TraceState String CODEC(ZSTD(1)), SpanName LowCardinality(String)
   CODEC(ZSTD(1)), SpanKind LowCardinality(String) CODEC(ZSTD(1)), ServiceName LowCardinality(String) CODEC(ZSTD(1)),
   ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)), ScopeName String CODEC(ZSTD(1)),
   ScopeVersion String CODEC(ZSTD(1)), SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)), Duration
   UInt64 CODEC(ZSTD(1)), StatusCode LowCardinality(String) CODEC(ZSTD(1)), StatusMessage String CODEC(ZSTD(1)),
 Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String))
   CODEC(ZSTD(1)), Links Nested (TraceId String, SpanId String, TraceState String, Attributes
   Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
 INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1, INDEX idx_span_attr_key mapKeys(SpanAttributes)
   TYPE bloom_filter(0.01) GRANULARITY 1, INDEX idx_span_attr_value mapValues(SpanAttributes) TYPE bloom_filter(0.01)
   GRANULARITY 1, INDEX idx_duration Duration TYPE minmax GRANULARITY 1)
 ENGINE = MergeTree PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName, toDateTime(Timestamp)) TTL
   toDate(Timestamp) + toIntervalDay(20000) SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1;
CREATE TABLE c_ott.otel_traces_trace_id_ts (TraceId String CODEC(ZSTD(1)), Start DateTime CODEC(Delta(4), ZSTD(1)),
  End DateTime CODEC(Delta(4), ZSTD(1)), INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1) ENGINE =
  MergeTree PARTITION BY toDate(Start) ORDER BY (TraceId, Start);
CREATE MATERIALIZED VIEW c_ott.otel_traces_trace_id_ts_mv TO c_ott.otel_traces_trace_id_ts AS SELECT TraceId,
  min(Timestamp) AS Start, max(Timestamp) AS End FROM c_ott.otel_traces WHERE TraceId != '' GROUP BY TraceId;
INSERT INTO c_ott.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName,
  ResourceAttributes, SpanAttributes, Duration, StatusCode, `Events.Timestamp`, `Events.Name`, `Events.Attributes`,
  `Links.TraceId`, `Links.SpanId`, `Links.TraceState`, `Links.Attributes`) SELECT toDateTime64('2026-01-01 00:00:00',
  9)+number*23.5, hex(MD5(toString(number%2500))), hex(number), hex(number%7), 'op'||number%30,
  ['Server','Client'][number%2+1], 'svc'||number%9, map('host', 'h'||number%30), map('http.route', '/r'||number%12),
  number*1000, ['Ok','Error','Unset'][number%3+1], if(number%5=0, [toDateTime64('2026-01-01 00:00:00', 9),
  toDateTime64('2026-01-01 00:00:01', 9)], []), if(number%5=0, ['e','exception'], []), if(number%5=0, [map('a',
  toString(number)), map()], []), [hex(number)], [''], [''], [map()] FROM numbers(15000);
