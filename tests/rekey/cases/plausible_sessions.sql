-- T: c_ps.sessions_v2
-- K: --order-by 'toDate(start), site_id, user_id, session_id'
-- BG: INSERT INTO c_ps.sessions_v2 (session_id, sign, site_id, user_id, start, timestamp, pageviews, events, duration,
--   is_bounce, hostname, entry_page, exit_page, `entry_meta.key`, `entry_meta.value`) SELECT 1000000 + ({n} - 1) % 50,
--   s, 3, 77, toDateTime('2026-02-14 00:00:00') + ({n} - 1) % 50 * 3600 AS start, start + pageviews,
--   intDiv({n} - 1, 50) + (s = 1) AS pageviews, pageviews, pageviews * 10, pageviews = 1, 'h', '/', '/new/' ||
--   pageviews, ['plan'], ['p'] FROM numbers(1) ARRAY JOIN if({n} <= 50, [1], [-1, 1]) AS s
-- AFTER: INSERT INTO c_ps.sessions_v2 (session_id, sign, site_id, user_id, start, pageviews) SELECT number, 1, 1,
--   number, toDateTime('2026-03-01 00:00:00') + number, 1 FROM numbers(100)
-- CHECK: SELECT sum(sign), sum(sign * pageviews) FROM c_ps.sessions_v2 SAMPLE 1/10 WHERE site_id = 1
-- FINAL: yes
-- source: Plausible's sessions_v2, a CollapsingMergeTree: a session is cancelled and set again with each page view;
--   here all sites of one day are looked for
CREATE TABLE c_ps.sessions_v2 (
 session_id UInt64, sign Int8, site_id UInt64, user_id UInt64, hostname String CODEC(ZSTD(3)), timestamp DateTime
   CODEC(Delta(4), LZ4), start DateTime CODEC(Delta(4), LZ4), is_bounce UInt8, entry_page String CODEC(ZSTD(3)),
   exit_page String CODEC(ZSTD(3)), pageviews Int32, events Int32, duration UInt32, referrer String CODEC(ZSTD(3)),
   country_code LowCardinality(FixedString(2)), screen_size LowCardinality(String),
   entry_meta Nested (key String, value String) CODEC(ZSTD(3)),
   transferred_from String, country LowCardinality(FixedString(2)) ALIAS country_code,
 INDEX minmax_timestamp timestamp TYPE minmax GRANULARITY 1)
 ENGINE = CollapsingMergeTree(sign) PARTITION BY toYYYYMM(start) PRIMARY KEY (site_id, toDate(start), user_id,
   session_id) ORDER BY (site_id, toDate(start), user_id, session_id) SAMPLE BY user_id
 SETTINGS index_granularity = 8192;
INSERT INTO c_ps.sessions_v2 (session_id, sign, site_id, user_id, start, timestamp, pageviews, events, duration,
  is_bounce, hostname, entry_page, exit_page) SELECT number, s, number % 9 + 1, cityHash64(number % 700),
  toDateTime('2025-12-20 00:00:00') + number * 960 AS start, start + p, p, p, p * 30, p = 1, 'h' || number
  % 3, '/', '/p/' || p FROM numbers(5000) ARRAY JOIN [1, -1, 1] AS s, [1, 1, 2] AS p;
