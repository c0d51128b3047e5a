-- T: c_ph.sharded_events
-- K: --order-by 'team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid)' --sample-by
--   'cityHash64(distinct_id)'
-- FINAL: 1
-- BG: INSERT INTO c_ph.sharded_events (uuid, event, properties, timestamp, team_id, distinct_id, elements_chain,
--   created_at, person_id, person_properties, `$group_0`, person_mode, _timestamp, _offset) SELECT
--   toUUID('00000000-0000-4000-8000-'||leftPad(toString({n}*100+number), 12, '0')),
--   ['$pageview','$autocapture','signup'][number%3+1],
--   '{"$current_url":"/p/'||number||'","$browser":"Firefox","mat":{n}}', toDateTime64('2026-01-20 00:00:00', 6,
--   'UTC')+{n}*60+number, number%4+1, 'user-'||number%7, 'a:href="/x"', toDateTime64('2026-01-20 00:00:00', 6,
--   'UTC'), toUUID('00000000-0000-4000-8001-'||leftPad(toString(number%7), 12, '0')), '{}', 'org', 'full',
--   toDateTime('2026-01-20 00:00:00')+{n}, {n} FROM numbers(25)
-- AFTER: INSERT INTO c_ph.sharded_events (uuid, event, timestamp, team_id, distinct_id, _timestamp) SELECT
--   toUUID('00000000-0000-4000-9000-'||leftPad(toString(number), 12, '0')), 'after',
--   toDateTime64('2026-02-02 00:00:00', 6, 'UTC')+number, 2, 'late', now() FROM numbers(50)
-- CHECK: SELECT count() FROM c_ph.sharded_events WHERE mat_current_url LIKE '/p/%' AND `$session_id` = ''
-- source: PostHog's sharded_events, here unreplicated: PostHog issue 5684 asked for the event in the key, and for a
--   sampling key that is no UUID
CREATE TABLE c_ph.sharded_events (
 uuid UUID, event VARCHAR, properties VARCHAR CODEC(ZSTD(3)), timestamp DateTime64(6, 'UTC'), team_id Int64,
   distinct_id VARCHAR, elements_chain VARCHAR, created_at DateTime64(6, 'UTC'),
 person_id UUID, person_created_at DateTime64(3), person_properties VARCHAR CODEC(ZSTD(3)), group0_properties VARCHAR
   CODEC(ZSTD(3)), group0_created_at DateTime64(3), person_mode Enum8('full' = 0, 'propertyless' = 1, 'force_upgrade'
   = 2),
 `$group_0` VARCHAR COMMENT 'column_materializer::$group_0', `$window_id` VARCHAR MATERIALIZED
   replaceRegexpAll(JSONExtractRaw(properties, '$window_id'), '^"|"$', '') COMMENT 'column_materializer::$window_id',
   `$session_id` VARCHAR MATERIALIZED replaceRegexpAll(JSONExtractRaw(properties, '$session_id'), '^"|"$', ''),
 mat_current_url VARCHAR MATERIALIZED JSONExtractString(properties, '$current_url') CODEC(ZSTD(1)),
   elements_chain_href String MATERIALIZED extract(elements_chain, '(?::|\")href="(.*?)"'), elements_chain_texts
   Array(String) MATERIALIZED arrayDistinct(extractAll(elements_chain, '(?::|\")text="(.*?)"')),
   elements_chain_elements Array(Enum8('a' = 1, 'button' = 2, 'input' = 3)) MATERIALIZED
   arrayDistinct(extractAll(elements_chain, '(?:^|;)(a|button|input)(?:\\.|$|:)')),
 properties_group_custom Map(String, String) MATERIALIZED mapFilter((key, value) -> NOT startsWith(key, '$'),
   CAST(JSONExtractKeysAndValues(properties, 'String'), 'Map(String, String)')) CODEC(ZSTD(1)),
 _timestamp DateTime, _offset UInt64, inserted_at Nullable(DateTime64(6, 'UTC')),
 INDEX kafka_timestamp_minmax_sharded_events _timestamp TYPE minmax GRANULARITY 3, INDEX `minmax_$session_id`
   `$session_id` TYPE minmax GRANULARITY 1, INDEX properties_group_custom_keys_bf mapKeys(properties_group_custom)
   TYPE bloom_filter GRANULARITY 1, INDEX bloom_url mat_current_url TYPE bloom_filter(0.01) GRANULARITY 2,
 PROJECTION fast_max_kafka_timestamp_sharded_events (SELECT max(_timestamp)))
 ENGINE = ReplacingMergeTree(_timestamp) PARTITION BY toYYYYMM(timestamp) ORDER BY (team_id, toDate(timestamp),
   cityHash64(distinct_id), cityHash64(uuid)) SAMPLE BY cityHash64(uuid) SETTINGS index_granularity = 8192,
   deduplicate_merge_projection_mode = 'drop';
INSERT INTO c_ph.sharded_events (uuid, event, properties, timestamp, team_id, distinct_id, elements_chain, created_at,
  person_id, person_properties, `$group_0`, _timestamp, _offset) SELECT
  toUUID('00000000-0000-4000-7000-'||leftPad(toString(number), 12, '0')),
  ['$pageview','$autocapture','signup','$identify'][number%4+1],
  '{"$current_url":"/p/'||number%50||'","$session_id":"s'||number%90||'","plan":"p'||number%3||'"}',
  toDateTime64('2025-12-10 00:00:00', 6, 'UTC')+number*300, number%4+1, 'user-'||number%300,
  'a:href="/x'||number%9||'";button:text="go"', toDateTime64('2026-01-20 00:00:00', 6, 'UTC'),
  toUUID('00000000-0000-4000-8001-'||leftPad(toString(number%300), 12, '0')), '{"email":"x"}', 'org',
  toDateTime('2026-01-19 00:00:00')+number, number FROM numbers(12000);
INSERT INTO c_ph.sharded_events (uuid, event, properties, timestamp, team_id, distinct_id, _timestamp, _offset) SELECT
  toUUID('00000000-0000-4000-7000-'||leftPad(toString(number), 12, '0')),
  ['$pageview','$autocapture','signup','$identify'][number%4+1], '{"again":true}', toDateTime64('2025-12-10 00:00:00',
  6, 'UTC')+number*300, number%4+1, 'user-'||number%300, toDateTime('2026-01-20 00:00:00')+number, number FROM
  numbers(0, 900);
