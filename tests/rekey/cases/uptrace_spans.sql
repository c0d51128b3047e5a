-- T: c_upt.spans_index
-- K: --order-by 'project_id, type, system, group_id, time' --partition-by 'toDate(time)'
-- BG: INSERT INTO c_upt.spans_index (project_id, type, system, group_id, trace_id, id, parent_id, name, kind, time,
--   duration, count, status_code, all_keys, string_keys, string_values, service_name, display_name) SELECT
--   1+number%2, 'httpserver', 'http:svc'||number%3, number%9,
--   toUUID('00000000-0000-4000-8000-'||leftPad(toString({n}*100+number), 12, '0')), {n}*100+number, 0, 'GET',
--   'server', toDateTime('2026-01-10 00:00:00')+{n}*3, number*1000, 1, 'ok', ['http_route'], ['http_route'],
--   ['/n/{n}'], 'svc'||number%3, 'GET /n' FROM numbers(40)
-- AFTER: INSERT INTO c_upt.spans_index (project_id, type, system, group_id, trace_id, time) SELECT 3, 'log',
--   'log:info', number, toUUID('00000000-0000-4000-8000-000000000000'), toDateTime('2026-01-12 00:00:00')+number FROM
--   numbers(100)
-- CHECK: SELECT count(), sum(count) FROM c_upt.spans_index WHERE project_id = 1 AND type = 'httpserver' AND trace_id
--   = toUUID('00000000-0000-4000-8000-000000000101') SETTINGS use_skip_indexes = 1
-- source: Uptrace's spans_index; from one version to the next its key got the span's type behind the project, and all
--   data is made anew for it
CREATE TABLE c_upt.spans_index (
 id UInt64 CODEC(T64, ZSTD(1)), trace_id UUID CODEC(ZSTD(1)), parent_id UInt64 CODEC(ZSTD(1)), project_id UInt32
   CODEC(DoubleDelta, ZSTD(1)), type LowCardinality(String) CODEC(ZSTD(1)), system LowCardinality(String)
   CODEC(ZSTD(1)), group_id UInt64 CODEC(Delta(8), ZSTD(1)), kind LowCardinality(String) CODEC(ZSTD(1)), name
   LowCardinality(String) CODEC(ZSTD(1)), event_name String CODEC(ZSTD(1)), display_name String CODEC(ZSTD(1)),
   is_event UInt8 ALIAS event_name != '', time DateTime CODEC(Delta(4), ZSTD(1)), duration Int64 CODEC(T64, ZSTD(1)),
   count Float32 CODEC(ZSTD(1)), status_code LowCardinality(String) CODEC(ZSTD(1)), status_message String
   CODEC(ZSTD(1)), link_count UInt8 CODEC(ZSTD(1)), event_count UInt8 CODEC(ZSTD(1)), event_error_count UInt8
   CODEC(ZSTD(1)),
 all_keys Array(LowCardinality(String)) CODEC(ZSTD(1)), string_keys Array(LowCardinality(String)) CODEC(ZSTD(1)),
   string_values Array(String) CODEC(ZSTD(1)), deployment_environment LowCardinality(String) CODEC(ZSTD(1)),
   service_name LowCardinality(String) CODEC(ZSTD(1)), service_version LowCardinality(String) CODEC(ZSTD(1)),
   host_name LowCardinality(String) CODEC(ZSTD(1)), client_socket_port Int32 CODEC(ZSTD(1)), url_full String
   CODEC(ZSTD(1)), http_response_status_code UInt16 CODEC(ZSTD(1)), http_route LowCardinality(String) CODEC(ZSTD(1)),
   db_operation LowCardinality(String) CODEC(ZSTD(1)), log_severity Enum8('' = 0, 'TRACE' = 1, 'INFO' = 9, 'ERROR' =
   17) CODEC(ZSTD(1)),
 INDEX idx_attr_keys all_keys TYPE bloom_filter(0.01) GRANULARITY 8, INDEX idx_duration duration TYPE minmax
   GRANULARITY 1, INDEX idx_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1)
 ENGINE = MergeTree PARTITION BY toDate(time) ORDER BY (project_id, system, group_id, time) TTL time +
   toIntervalDay(20000) SETTINGS ttl_only_drop_parts = 1, storage_policy = 'default';
INSERT INTO c_upt.spans_index (id, trace_id, parent_id, project_id, type, system, group_id, kind, name, display_name,
  event_name, time, duration, count, status_code, all_keys, string_keys, string_values, deployment_environment,
  service_name, http_response_status_code, log_severity) SELECT number,
  toUUID('00000000-0000-4000-7000-'||leftPad(toString(number%2000), 12, '0')), number%5, 1+number%4,
  ['httpserver','db','log','funcs'][number%4+1], ['http:a','db:postgresql','log:info','funcs:b'][number%4+1],
  cityHash64(number%120), ['server','client'][number%2+1], 'n'||number%50, 'N'||number, if(number%7=0, 'exception',
  ''), toDateTime('2026-01-01 00:00:00')+number*36, number*1001, 1/3, ['ok','error'][number%2+1], ['a','b'||number%8],
  ['a'], ['v'||number], 'prod', 'svc'||number%12, 200+number%5, [0,1,9,17][number%4+1] FROM numbers(20000);
