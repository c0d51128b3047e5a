-- T: c_as.ev
-- FP: id, team
-- K: --order-by 'team, at, id' --max-held 2s
-- BG: INSERT INTO c_as.ev SETTINGS async_insert=1, wait_for_async_insert=0, async_insert_busy_timeout_max_ms=1500,
--   async_insert_busy_timeout_min_ms=1500 VALUES ({n}, 1, now())
-- EVERY: 0.8
-- CHECK: SELECT count(), uniqExact(id), min(id), max(id) FROM c_as.ev WHERE team = 1
-- source: e2b-dev/infra pull 2468, ClickHouse issue 92865 kind: asynchronous INSERTs that nobody waits for, still
--   queued when the tables are exchanged
CREATE TABLE c_as.ev (id UInt64, team UInt32, at DateTime) ENGINE = MergeTree ORDER BY id;
INSERT INTO c_as.ev SELECT number, 9, now() FROM numbers(3000);
