-- T: c_sigt.signoz_index_v3
-- K: --order-by 'ts_bucket_start, attributes_env, resource_fingerprint, has_error, name, timestamp'
-- BG: INSERT INTO c_sigt.signoz_index_v3 (ts_bucket_start, resource_fingerprint, timestamp, trace_id, span_id, name,
--   kind, duration_nano, has_error, attributes_string, attributes_number, resources_string, events) SELECT
--   intDiv(1767225600+{n}*10, 1800)*1800, 'service='||number%3, toDateTime64('2026-01-01 00:00:00',
--   9)+{n}*10+number/1000, hex(sipHash64({n}, number))||hex(sipHash64(number, {n})), hex(number), 'GET /new', 2,
--   number*1000, number%20=0, map('http.route','/new','deployment.environment',['prod','stage'][number%2+1]),
--   map('n', {n}), map('service.name', 's'||number%3), ['{"name":"e"}'] FROM numbers(30)
-- AFTER: INSERT INTO c_sigt.signoz_index_v3 (ts_bucket_start, resource_fingerprint, timestamp, trace_id, name) SELECT
--   1767312000, 'f', toDateTime64('2026-01-02 12:00:00', 9)+number, hex(MD5(toString(number))), 'after' FROM
--   numbers(100)
-- CHECK: SELECT count() FROM c_sigt.signoz_index_v3 WHERE trace_id = '0' OR resource_string_service$$name = 's1' AND
--   mapContains(attributes_string, 'http.route')
-- source: SigNoz's span table of its third schema; SigNoz issue 5713 asked for the environment in the key, issue 272
--   for time first
CREATE TABLE c_sigt.signoz_index_v3 (
 ts_bucket_start UInt64 CODEC(DoubleDelta, LZ4), resource_fingerprint String CODEC(ZSTD(1)), timestamp DateTime64(9)
   CODEC(DoubleDelta, LZ4), trace_id FixedString(32) CODEC(ZSTD(1)), span_id String CODEC(ZSTD(1)), trace_state String
   CODEC(ZSTD(1)), parent_span_id String CODEC(ZSTD(1)), flags UInt32 CODEC(T64, ZSTD(1)),
 name LowCardinality(String) CODEC(ZSTD(1)), kind Int8 CODEC(T64, ZSTD(1)), kind_string String CODEC(ZSTD(1)),
   duration_nano UInt64 CODEC(T64, ZSTD(1)), status_code Int16 CODEC(T64, ZSTD(1)), status_message String
   CODEC(ZSTD(1)), status_code_string String CODEC(ZSTD(1)),
 attributes_string Map(LowCardinality(String), String) CODEC(ZSTD(1)), attributes_number Map(LowCardinality(String),
   Float64) CODEC(ZSTD(1)), attributes_bool Map(LowCardinality(String), Bool) CODEC(ZSTD(1)), resources_string
   Map(LowCardinality(String), String) CODEC(ZSTD(1)), resource JSON(max_dynamic_paths = 4) CODEC(ZSTD(1)), events
   Array(String) CODEC(ZSTD(2)), links String CODEC(ZSTD(1)),
 response_status_code LowCardinality(String) CODEC(ZSTD(1)), http_url LowCardinality(String) CODEC(ZSTD(1)),
   http_method LowCardinality(String) CODEC(ZSTD(1)), db_name LowCardinality(String) CODEC(ZSTD(1)), has_error Bool
   CODEC(T64, ZSTD(1)), is_remote LowCardinality(String) CODEC(ZSTD(1)),
 `resource_string_service$$name` LowCardinality(String) DEFAULT resources_string['service.name'] CODEC(ZSTD(1)),
   `resource_string_service$$name_exists` Bool DEFAULT if(mapContains(resources_string, 'service.name') != 0, true,
   false) CODEC(ZSTD(1)), `attribute_string_http$$route` LowCardinality(String) DEFAULT
   attributes_string['http.route'] CODEC(ZSTD(1)), attributes_env LowCardinality(String) MATERIALIZED
   attributes_string['deployment.environment'],
 traceID FixedString(32) ALIAS trace_id, serviceName LowCardinality(String) ALIAS `resource_string_service$$name`,
   httpUrl LowCardinality(String) ALIAS http_url,
 INDEX idx_trace_id trace_id TYPE tokenbf_v1(10000, 5, 0) GRANULARITY 1, INDEX idx_span_id span_id TYPE
   tokenbf_v1(5000, 5, 0) GRANULARITY 1, INDEX idx_duration duration_nano TYPE minmax GRANULARITY 1, INDEX idx_name
   name TYPE ngrambf_v1(4, 5000, 2, 0) GRANULARITY 1, INDEX idx_kind kind TYPE minmax GRANULARITY 4, INDEX
   idx_status_code_string status_code_string TYPE set(3) GRANULARITY 4, INDEX attributes_string_idx_key
   mapKeys(attributes_string) TYPE tokenbf_v1(1024, 2, 0) GRANULARITY 1, INDEX attributes_string_idx_val
   mapValues(attributes_string) TYPE ngrambf_v1(4, 5000, 2, 0) GRANULARITY 1, INDEX attributes_number_idx_val
   mapValues(attributes_number) TYPE bloom_filter GRANULARITY 1, INDEX resources_string_idx_key
   mapKeys(resources_string) TYPE tokenbf_v1(1024, 2, 0) GRANULARITY 1)
 ENGINE = MergeTree PARTITION BY toDate(timestamp) ORDER BY (ts_bucket_start, resource_fingerprint, has_error, name,
   timestamp) TTL toDateTime(timestamp) + toIntervalSecond(1296000000) SETTINGS index_granularity = 8192,
   ttl_only_drop_parts = 1;
INSERT INTO c_sigt.signoz_index_v3 (ts_bucket_start, resource_fingerprint, timestamp, trace_id, span_id,
  parent_span_id, name, kind, kind_string, duration_nano, status_code, has_error, attributes_string,
  attributes_number, attributes_bool, resources_string, resource, events, http_method) SELECT
  intDiv(1767225600+number*13, 1800)*1800, 'service='||number%6, toDateTime64('2026-01-01 00:00:00', 9)+number*13.001,
  hex(MD5(toString(number%1500))), hex(number), if(number%4=0, '', hex(number-1)), 'op'||number%40, number%5,
  ['Server','Client'][number%2+1], number*977, number%3, number%17=0,
  map('http.route','/r'||number%9,'deployment.environment',['prod','stage','dev'][number%3+1]), map('a', number, 'b',
  nan), map('x', number%2=0), map('service.name', 's'||number%6, 'k8s.pod', 'p'||number%33),
  ('{"service":{"name":"s'||number%6||'"},"k'||number%9||'":'||number||'}')::JSON(max_dynamic_paths = 4),
  ['{"name":"e'||number||'"}'], 'GET' FROM numbers(15000);
