-- T: c_sigl.logs_v2
-- K: --order-by 'ts_bucket_start, resource_fingerprint, severity_number, timestamp, id' --partition-by
--   'toDate(timestamp / 1000000000)'
-- BG: INSERT INTO c_sigl.logs_v2 (ts_bucket_start, resource_fingerprint, timestamp, observed_timestamp, id,
--   severity_text, severity_number, body, attributes_string, attributes_bool) SELECT 1767225600+intDiv({n},10)*1800,
--   'f'||number%4, 1767225600000000000+{n}*1000000000+number, 1767225600000000000, '0{n}-'||number,
--   ['INFO','ERROR'][number%2+1], [9,17][number%2+1], 'late line '||number||' of {n}', map('k', 'v'||number),
--   map('b', true) FROM numbers(50)
-- BG: INSERT INTO c_sigl.logs_v2 (ts_bucket_start, resource_fingerprint, timestamp, id, body) VALUES (1760000000,
--   'old', 1760000000000000000+{n}, 'old-{n}', 'a line of months ago')
-- AFTER: INSERT INTO c_sigl.logs_v2 (ts_bucket_start, resource_fingerprint, timestamp, id, body) SELECT 1767600000,
--   'a', 1767600000000000000+number, 'a'||number, 'after' FROM numbers(100)
-- CHECK: SELECT count() FROM c_sigl.logs_v2 WHERE hasToken(lower(body), 'late') AND attributes_string['k'] != ''
-- source: SigNoz's log table of its second schema; SigNoz issue 5897 asked for the severity's number in the key. Time
--   is a number of nanoseconds here, also in the partition key
CREATE TABLE c_sigl.logs_v2 (
 ts_bucket_start UInt64 CODEC(DoubleDelta, LZ4), resource_fingerprint String CODEC(ZSTD(1)), timestamp UInt64
   CODEC(DoubleDelta, LZ4), observed_timestamp UInt64 CODEC(DoubleDelta, LZ4), id String CODEC(ZSTD(1)), trace_id
   String CODEC(ZSTD(1)), span_id String CODEC(ZSTD(1)), trace_flags UInt32, severity_text LowCardinality(String)
   CODEC(ZSTD(1)), severity_number UInt8, body String CODEC(ZSTD(2)),
 attributes_string Map(LowCardinality(String), String) CODEC(ZSTD(1)), attributes_number Map(LowCardinality(String),
   Float64) CODEC(ZSTD(1)), attributes_bool Map(LowCardinality(String), Bool) CODEC(ZSTD(1)), resources_string
   Map(LowCardinality(String), String) CODEC(ZSTD(1)), scope_name String CODEC(ZSTD(1)), scope_version String
   CODEC(ZSTD(1)), scope_string Map(LowCardinality(String), String) CODEC(ZSTD(1)),
 `attribute_string_log$$file` String DEFAULT attributes_string['log.file'] CODEC(ZSTD(1)),
   `attribute_string_log$$file_exists` Bool DEFAULT if(mapContains(attributes_string, 'log.file') != 0, true, false)
   CODEC(ZSTD(1)),
 INDEX body_idx lower(body) TYPE ngrambf_v1(4, 60000, 5, 0) GRANULARITY 1, INDEX id_minmax id TYPE minmax GRANULARITY
   1, INDEX severity_number_idx severity_number TYPE set(25) GRANULARITY 4, INDEX severity_text_idx severity_text TYPE
   set(25) GRANULARITY 4, INDEX trace_flags_idx trace_flags TYPE bloom_filter GRANULARITY 4, INDEX scope_name_idx
   scope_name TYPE tokenbf_v1(10240, 3, 0) GRANULARITY 4, INDEX attributes_string_idx_key mapKeys(attributes_string)
   TYPE tokenbf_v1(1024, 2, 0) GRANULARITY 1, INDEX attributes_string_idx_val mapValues(attributes_string) TYPE
   ngrambf_v1(4, 5000, 2, 0) GRANULARITY 1, INDEX attributes_bool_idx_key mapKeys(attributes_bool) TYPE
   tokenbf_v1(1024, 2, 0) GRANULARITY 1, INDEX `attribute_string_log$$file_idx` `attribute_string_log$$file` TYPE
   bloom_filter(0.01) GRANULARITY 64)
 ENGINE = MergeTree PARTITION BY toDate(timestamp / 1000000000) ORDER BY (ts_bucket_start, resource_fingerprint,
   severity_text, timestamp, id) TTL toDateTime(timestamp / 1000000000) + toIntervalSecond(1296000000) SETTINGS
   index_granularity = 8192, ttl_only_drop_parts = 1;
INSERT INTO c_sigl.logs_v2 (ts_bucket_start, resource_fingerprint, timestamp, observed_timestamp, id, trace_id,
  severity_text, severity_number, body, attributes_string, attributes_number, resources_string) SELECT
  1767225600+intDiv(number,150)*1800, 'f'||number%12, 1767225600000000000+number*12000000000,
  1767225600000000000+number, leftPad(toString(number), 27, '0'), hex(MD5(toString(number%900))),
  ['INFO','WARN','ERROR','DEBUG'][number%4+1], [9,13,17,5][number%4+1],
  'request '||number||' took '||number%300||' ms', map('log.file', '/var/log/'||number%20, 'k', toString(number)),
  map('ms', number%300), map('service.name', 's'||number%12) FROM numbers(20000);
