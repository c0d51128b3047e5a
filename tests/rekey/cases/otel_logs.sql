-- T: c_otl.otel_logs
-- K: --order-by 'ServiceName, toStartOfHour(Timestamp), SeverityNumber, Timestamp' --primary-key
--   'ServiceName, toStartOfHour(Timestamp), SeverityNumber'
-- BG: INSERT INTO c_otl.otel_logs (Timestamp, TraceId, SpanId, TraceFlags, SeverityText, SeverityNumber, ServiceName,
--   Body, ResourceAttributes, LogAttributes) SELECT toDateTime64('2026-01-05 00:00:00', 9)+{n}+number/1000,
--   hex(number), '', 1, 'INFO', 9, 'svc'||number%4, 'line {n}', map('host', 'h'), map('n', '{n}') FROM numbers(60)
-- AFTER: INSERT INTO c_otl.otel_logs (Timestamp, ServiceName, Body) SELECT toDateTime64('2026-01-09 00:00:00',
--   9)+number, 'after', 'x' FROM numbers(100)
-- CHECK: SELECT count() FROM c_otl.otel_logs WHERE ResourceAttributes['host'] = 'h' OR hasToken(Body, 'word3')
-- source: the OpenTelemetry exporter's otel_logs of 2024; contrib issue 32215 asked for the severity's number in
--   place of its text, pull 33611 for coarser time
CREATE TABLE c_otl.otel_logs (
 Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)), TraceId String CODEC(ZSTD(1)), SpanId String CODEC(ZSTD(1)),
   TraceFlags UInt32 CODEC(ZSTD(1)), SeverityText LowCardinality(String) CODEC(ZSTD(1)), SeverityNumber Int32
   CODEC(ZSTD(1)), ServiceName LowCardinality(String) CODEC(ZSTD(1)), Body String CODEC(ZSTD(1)), ResourceSchemaUrl
   String CODEC(ZSTD(1)), ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)), ScopeSchemaUrl String
   CODEC(ZSTD(1)), ScopeName String CODEC(ZSTD(1)), ScopeVersion String CODEC(ZSTD(1)), ScopeAttributes
   Map(LowCardinality(String), String) CODEC(ZSTD(1)), LogAttributes Map(LowCardinality(String), String)
   CODEC(ZSTD(1)),
 INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1, INDEX idx_res_attr_key mapKeys(ResourceAttributes)
   TYPE bloom_filter(0.01) GRANULARITY 1, INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE
   bloom_filter(0.01) GRANULARITY 1, INDEX idx_log_attr_key mapKeys(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY
   1, INDEX idx_body Body TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1)
 ENGINE = MergeTree PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SeverityText, toUnixTimestamp(Timestamp),
   TraceId) TTL toDateTime(Timestamp) + toIntervalDay(20000) SETTINGS index_granularity = 8192, ttl_only_drop_parts =
   1;
INSERT INTO c_otl.otel_logs (Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName, Body,
  ResourceAttributes, LogAttributes) SELECT toDateTime64('2026-01-01 00:00:00', 9)+number*17.25,
  hex(MD5(toString(number%3000))), hex(number), ['INFO','Information','WARN','error'][number%4+1],
  [9,9,13,17][number%4+1], 'svc'||number%9, 'some word'||number%50||' here', map('host', 'h'||number%30, 'pod',
  'p'||number%90), map('n', toString(number)) FROM numbers(20000);
