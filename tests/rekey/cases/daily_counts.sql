-- T: c_dc.daily
-- K: --order-by 'day, site, path'
-- BG: INSERT INTO c_dc.hits SELECT toDateTime('2026-02-01 00:00:00') + ({n} + number) * 600, number % 7, '/p' || {n} %
--   11, number FROM numbers(40)
-- AFTER: INSERT INTO c_dc.hits SELECT toDateTime('2026-03-01 00:00:00') + number, 5, '/after', number FROM numbers(100)
-- CHECK: SELECT sum(hits), sum(bytes) FROM c_dc.daily WHERE day = '2026-03-01'
-- FINAL: yes
-- source: a daily count behind a view, as most have one: all sites of a day are looked for, by a key that begins with
--   the site
CREATE TABLE c_dc.hits (at DateTime, site UInt32, path String, bytes UInt64) ENGINE = MergeTree PARTITION BY
  toYYYYMM(at) ORDER BY (site, at);
CREATE TABLE c_dc.daily (day Date, site UInt32, path LowCardinality(String), hits UInt64, bytes UInt64, largest
  SimpleAggregateFunction(max, UInt64)) ENGINE = SummingMergeTree PARTITION BY toYYYYMM(day) ORDER BY (site, path, day);
CREATE MATERIALIZED VIEW c_dc.daily_mv TO c_dc.daily AS SELECT toDate(at) AS day, site, path, count() AS hits,
  sum(h.bytes) AS bytes, max(h.bytes) AS largest FROM c_dc.hits AS h GROUP BY day, site, path;
INSERT INTO c_dc.hits SELECT toDateTime('2025-12-01 00:00:00') + number * 200, number % 7, '/p' || number % 23, number
  FROM numbers(40000);
