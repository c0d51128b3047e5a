-- T: c_snu.errors_local
-- K: --order-by 'project_id, toStartOfDay(timestamp), primary_hash, cityHash64(event_id)' --partition-by
--   '(retention_days, toMonday(timestamp))' --sample-by 'cityHash64(event_id)' --coarser
-- FINAL: 1
-- FP: project_id, timestamp, event_id, platform, environment, release, user, user_hash, ip_address_v4, `tags.key`,
--   `tags.value`, _tags_hash_map, `contexts.key`, `contexts.value`, group_id, primary_hash, hierarchical_hashes,
--   message, `exception_stacks.type`, `exception_frames.lineno`, deleted, retention_days, partition, offset,
--   num_processing_errors
-- BG: INSERT INTO c_snu.errors_local (org_id, project_id, timestamp, event_id, platform, user, `tags.key`,
--   `tags.value`, partition, offset, message_timestamp, retention_days, group_id, primary_hash, message, received)
--   SELECT 1, 11+number%2, toDateTime('2026-01-12 00:00:00')+{n},
--   toUUID('00000000-0000-4000-8000-'||leftPad(toString({n}*100+number), 12, '0')), 'python', 'u'||number,
--   ['level','env'], ['error','prod'], 3, {n}, toDateTime('2026-01-12 00:00:00'), [30,90][number%2+1], number%9,
--   toUUID('00000000-0000-4000-9000-00000000000'||number%9), 'late', toDateTime('2026-01-12 00:00:00') FROM
--   numbers(20)
-- BG: INSERT INTO c_snu.errors_local (org_id, project_id, timestamp, event_id, retention_days, deleted, primary_hash)
--   SELECT 1+number%4%3, 11+number%4, toDateTime('2026-01-01 00:00:00')+number*120,
--   toUUID('00000000-0000-4000-7000-'||leftPad(toString(number), 12, '0')), [30,90][number%2+1], 1,
--   toUUID('00000000-0000-4000-9000-0000000000'||leftPad(toString(number%40), 2, '0')) FROM numbers({n}*5, 5)
-- EVERY: 0.5
-- AFTER: INSERT INTO c_snu.errors_local (org_id, project_id, timestamp, event_id, retention_days, message) SELECT 1,
--   11, toDateTime('2026-02-01 00:00:00')+number, generateUUIDv4(), 30, 'after' FROM numbers(100)
-- CHECK: SELECT count() FROM c_snu.errors_local FINAL SAMPLE 0.1 WHERE project_id = 11 AND deleted = 0
-- CHECK: SELECT count() FROM c_snu.errors_local WHERE has(_tags_hash_map, cityHash64('level=error'))
-- source: the errors of Sentry's Snuba; its migration 0011_rebuild_errors makes the table anew under other keys and
--   copies it by a job of its own, 0014_backfill_errors. Rows are removed by a newer one with deleted = 1, also while
--   it runs
CREATE TABLE c_snu.errors_local (
 org_id UInt64, project_id UInt64, timestamp DateTime, event_id UUID CODEC(NONE), event_hash UInt64 MATERIALIZED
   cityHash64(toString(event_id)) CODEC(NONE), platform LowCardinality(String), environment
   LowCardinality(Nullable(String)), release LowCardinality(Nullable(String)), dist LowCardinality(Nullable(String)),
   ip_address_v4 Nullable(IPv4), ip_address_v6 Nullable(IPv6), user String DEFAULT '', user_hash UInt64 MATERIALIZED
   cityHash64(user), user_id Nullable(String), user_name Nullable(String), user_email Nullable(String), sdk_name
   LowCardinality(Nullable(String)), sdk_version LowCardinality(Nullable(String)), http_method
   LowCardinality(Nullable(String)), http_referer Nullable(String),
 tags Nested (key String, value String), _tags_hash_map Array(UInt64) MATERIALIZED arrayMap((k, v) ->
   cityHash64(concat(replaceRegexpAll(k, '(\\=|\\\\)', '\\\\\\1'), '=', v)), tags.key, tags.value), contexts Nested
   (key String, value String), transaction_name LowCardinality(String) DEFAULT '', transaction_hash UInt64
   MATERIALIZED cityHash64(transaction_name), span_id Nullable(UInt64), trace_id Nullable(UUID), partition UInt16,
   offset UInt64 CODEC(DoubleDelta, LZ4), message_timestamp DateTime, retention_days UInt16, deleted UInt8, group_id
   UInt64, primary_hash UUID, hierarchical_hashes Array(UUID), received DateTime, message String, title String,
   culprit String, level LowCardinality(Nullable(String)), location Nullable(String), version
   LowCardinality(Nullable(String)), type LowCardinality(String),
 exception_stacks Nested (type Nullable(String), value Nullable(String), mechanism_type Nullable(String),
   mechanism_handled Nullable(UInt8)), exception_frames Nested (abs_path Nullable(String), colno Nullable(UInt32),
   filename Nullable(String), function Nullable(String), lineno Nullable(UInt32), in_app Nullable(UInt8), package
   Nullable(String), module Nullable(String), stack_level Nullable(UInt16)), exception_main_thread Nullable(UInt8),
   sdk_integrations Array(String), modules Nested (name String, version String), trace_sampled Nullable(UInt8),
   num_processing_errors Nullable(UInt64), replay_id Nullable(UUID), timestamp_ms Nullable(DateTime64(3)),
 INDEX bf_tags_hash_map _tags_hash_map TYPE bloom_filter GRANULARITY 1, INDEX minmax_group_id group_id TYPE minmax
   GRANULARITY 1, INDEX bf_release release TYPE bloom_filter GRANULARITY 1, INDEX bf_replay_id replay_id TYPE
   bloom_filter GRANULARITY 1)
 ENGINE = ReplacingMergeTree(deleted) PARTITION BY (toMonday(timestamp), if(retention_days = 30, 30, 90)) ORDER BY
   (org_id, project_id, toStartOfDay(timestamp), primary_hash, event_hash) SAMPLE BY event_hash TTL timestamp +
   toIntervalDay(retention_days + 20000) SETTINGS index_granularity = 16384;
INSERT INTO c_snu.errors_local (org_id, project_id, timestamp, event_id, platform, environment, release,
  ip_address_v4, user, `tags.key`, `tags.value`, `contexts.key`, `contexts.value`, transaction_name, partition,
  offset, message_timestamp, retention_days, group_id, primary_hash, hierarchical_hashes, received, message,
  `exception_stacks.type`, `exception_stacks.value`, `exception_stacks.mechanism_type`,
  `exception_stacks.mechanism_handled`, level) SELECT 1+number%4%3, 11+number%4,
  toDateTime('2026-01-01 00:00:00')+number*120, toUUID('00000000-0000-4000-7000-'||leftPad(toString(number), 12,
  '0')), ['python','javascript'][number%2+1], if(number%3=0, NULL, 'prod'), 'r'||number%30,
  toIPv4('10.0.0.'||number%250), 'u'||number%500, ['level','env','server'], ['error','prod','s'||number%20], ['os'],
  ['linux'], '/t/'||number%25, number%8, number, toDateTime('2026-01-01 00:00:00'), [30,90][number%2+1], number%40,
  toUUID('00000000-0000-4000-9000-0000000000'||leftPad(toString(number%40), 2, '0')), if(number%6=0,
  [toUUID('00000000-0000-4000-9001-000000000001')], []), toDateTime('2026-01-01 00:00:00'), 'it broke '||number,
  ['ValueError', NULL], ['x', 'y'], [NULL, NULL], [1, NULL], 'error' FROM numbers(12000);
