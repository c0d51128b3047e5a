-- T: c_pl.events_v2
-- K: --order-by 'site_id, name, toDate(timestamp), user_id, timestamp' --primary-key
--   'site_id, name, toDate(timestamp), user_id' --sample-by 'user_id'
-- BG: INSERT INTO c_pl.events_v2 (name, site_id, hostname, pathname, user_id, session_id, timestamp, `meta.key`,
--   `meta.value`, referrer_source, country_code, revenue_source_amount, revenue_source_currency) SELECT
--   ['pageview','engagement','Purchase'][number%3+1], number%5+1, 'h', '/new/'||number, cityHash64({n}*40+number),
--   {n}, toDateTime('2026-02-14 00:00:00')+{n}*5+number, ['plan'], ['p'||{n}], '', 'DE', if(number%3=2,
--   toDecimal64(number,3), NULL), 'EUR' FROM numbers(40)
-- AFTER: INSERT INTO c_pl.events_v2 (name, site_id, user_id, session_id, timestamp) SELECT 'pageview', 1, number,
--   number, toDateTime('2026-03-01 00:00:00')+number FROM numbers(100)
-- CHECK: SELECT count(), uniq(user_id) FROM c_pl.events_v2 SAMPLE 1/10 WHERE site_id = 1
-- CHECK: SELECT channel, acquisition_channel FROM c_pl.events_v2 WHERE site_id = 2 LIMIT 3
-- source: Plausible's events_v2; Plausible issue 3329: one site's pages are looked for by time, and all of them were
--   read; goals are asked for by the event's name
CREATE TABLE c_pl.events_v2 (
 timestamp DateTime CODEC(Delta(4), LZ4), name LowCardinality(String), site_id UInt64, user_id UInt64, session_id
   UInt64, hostname String CODEC(ZSTD(3)), pathname String CODEC(ZSTD(3)), referrer String CODEC(ZSTD(3)),
   referrer_source String CODEC(ZSTD(3)),
 country_code FixedString(2), screen_size LowCardinality(String), operating_system LowCardinality(String), browser
   LowCardinality(String), utm_medium String CODEC(ZSTD(3)), utm_source String CODEC(ZSTD(3)), utm_campaign String
   CODEC(ZSTD(3)),
 meta Nested (key String, value String) CODEC(ZSTD(3)), browser_version LowCardinality(String),
   operating_system_version LowCardinality(String), subdivision1_code LowCardinality(String), subdivision2_code
   LowCardinality(String), city_geoname_id UInt32, utm_content String CODEC(ZSTD(3)), utm_term String CODEC(ZSTD(3)),
 revenue_reporting_amount Nullable(Decimal64(3)), revenue_reporting_currency FixedString(3), revenue_source_amount
   Nullable(Decimal64(3)), revenue_source_currency FixedString(3),
 city UInt32 ALIAS city_geoname_id, country LowCardinality(FixedString(2)) ALIAS country_code, source String ALIAS
   referrer_source, channel LowCardinality(String) MATERIALIZED multiIf(referrer_source = '', 'Direct', utm_medium =
   'cpc', 'Paid Search', 'Referral'), acquisition_channel LowCardinality(String) ALIAS channel, click_id_param
   LowCardinality(String),
 scroll_depth UInt8 CODEC(ZSTD(1)), engagement_time UInt32, is_pageview UInt8 ALIAS name = 'pageview',
 INDEX minmax_timestamp timestamp TYPE minmax GRANULARITY 1)
 ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp) PRIMARY KEY (site_id, toDate(timestamp), name, user_id) ORDER BY
   (site_id, toDate(timestamp), name, user_id, timestamp) SAMPLE BY user_id SETTINGS index_granularity = 8192,
   min_bytes_for_wide_part = 0;
INSERT INTO c_pl.events_v2 (name, site_id, hostname, pathname, user_id, session_id, timestamp, `meta.key`,
  `meta.value`, referrer_source, utm_medium, country_code, browser, city_geoname_id, revenue_source_amount,
  revenue_source_currency, scroll_depth) SELECT ['pageview','engagement','Signup'][number%3+1], number%9+1,
  'h'||number%3, '/p/'||number%200, cityHash64(number%2000), number%4000,
  toDateTime('2025-12-20 00:00:00')+number*240, if(number%4=0, ['plan','size'], []), if(number%4=0, ['a','b'||number],
  []), ['','Google','x.com'][number%3+1], ['','cpc'][number%2+1], ['DE','FR','US'][number%3+1], 'Firefox',
  number%1000, if(number%5=0, toDecimal64(number/7,3), NULL), 'USD', number%101 FROM numbers(20000);
