-- T: c_rev3.t
-- K: --partition-by 'toYYYYMM(at)'
-- AFTER: INSERT INTO c_rev3.t SELECT now(), 1, 2 FROM numbers(10)
-- kind: only the partition key changes, and the sorting key that is kept has a direction
CREATE TABLE c_rev3.t (at DateTime, tenant UInt32, v UInt64) ENGINE = MergeTree ORDER BY (tenant, at DESC) SETTINGS
  allow_experimental_reverse_key = 1;
INSERT INTO c_rev3.t SELECT toDateTime('2026-01-01 00:00:00') + number * 900, number % 7, number FROM numbers(5000);
