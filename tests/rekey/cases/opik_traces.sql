-- T: c_opk.traces
-- K: --order-by 'workspace_id, project_id, id' --partition-by 'toYYYYMMDD(toMonday(id_at))'
-- FINAL: 1
-- BG: INSERT INTO c_opk.traces (id, workspace_id, project_id, name, start_time, end_time, input, tags, created_at,
--   last_updated_at, created_by, last_updated_by) SELECT concat('019b76da-a8', lower(leftPad(hex({n}*40+number), 2,
--   '0')), '-7000-8000-', leftPad(toString({n}*40+number), 12, '0')), 'w'||number%3, 'p'||number%5, 'new',
--   toDateTime64('2026-01-05 00:00:00', 9, 'UTC')+{n}, toDateTime64('2026-01-05 00:00:01', 9, 'UTC')+{n}, 'in {n}',
--   ['t'], toDateTime64('2026-01-05 00:00:00', 9, 'UTC'), toDateTime64('2026-01-05 00:00:00', 6, 'UTC')+{n}, 'a', 'b'
--   FROM numbers(20)
-- BG: INSERT INTO c_opk.traces (id, workspace_id, project_id, name, start_time, last_updated_at, output, created_at)
--   SELECT id, workspace_id, project_id, name, start_time, toDateTime64('2026-01-06 00:00:00', 6, 'UTC')+{n},
--   'answer {n}', toDateTime64('2026-01-05 00:00:00', 9, 'UTC') FROM (SELECT
--   concat(['019b5c1a','019b801a','019ba41a'][number%3+1], '-0000-7000-8000-', leftPad(toString(number), 12, '0')) AS
--   id, 'w'||number%3 AS workspace_id, 'p'||number%5 AS project_id, 'n'||number AS name,
--   toDateTime64('2026-01-01 00:00:00', 9, 'UTC') AS start_time FROM numbers({n}*10, 10))
-- AFTER: INSERT INTO c_opk.traces (id, workspace_id, project_id, name) SELECT concat('019bb0da-0000-7000-8000-',
--   leftPad(toString(number), 12, '0')), 'w1', 'p1', 'after' FROM numbers(100)
-- CHECK: SELECT count() FROM c_opk.traces FINAL WHERE workspace_id = 'w1' AND id_at > '2026-01-02 00:00:00'
-- source: Opik's traces; its pull requests 7464 and 7690 partition them by week, by the time in the trace's id, which
--   an update keeps. Updates come as whole rows all the while
CREATE TABLE c_opk.traces (
 id FixedString(36), workspace_id String, project_id FixedString(2), name String, start_time DateTime64(9, 'UTC')
   DEFAULT toDateTime64('2026-01-01 00:00:00', 9, 'UTC'), end_time Nullable(DateTime64(9, 'UTC')), input String
   DEFAULT '' CODEC(ZSTD(1)), output String DEFAULT '' CODEC(ZSTD(1)), metadata String DEFAULT '' CODEC(ZSTD(1)), tags
   Array(String), created_at DateTime64(9, 'UTC') DEFAULT now64(9), last_updated_at DateTime64(6, 'UTC') DEFAULT
   now64(6), created_by String DEFAULT '', last_updated_by String DEFAULT '', error_info String DEFAULT ''
   CODEC(ZSTD(9)), thread_id String, visibility_mode Enum8('unknown' = 0, 'default' = 1, 'hidden' = 2) DEFAULT
   'default', truncation_threshold UInt64 DEFAULT 10001, input_slim String MATERIALIZED substring(input, 1, 8),
   output_length UInt64 MATERIALIZED length(output), duration Nullable(Float64) MATERIALIZED if(end_time IS NOT NULL
   AND notEquals(start_time, toDateTime64('1970-01-01 00:00:00.000', 9)), dateDiff('microsecond', start_time,
   end_time) / 1000., NULL), id_at DateTime MATERIALIZED UUIDv7ToDateTime(toUUID(id)),
 INDEX idx_created_at created_at TYPE minmax GRANULARITY 1, INDEX idx_thread_id thread_id TYPE bloom_filter(0.01)
   GRANULARITY 1)
 ENGINE = ReplacingMergeTree(last_updated_at) ORDER BY (workspace_id, project_id, id) SETTINGS index_granularity =
   8192, index_granularity_bytes = 41943040;
INSERT INTO c_opk.traces (id, workspace_id, project_id, name, start_time, end_time, input, output, tags, created_at,
  last_updated_at, thread_id) SELECT concat(['019b5c1a','019b801a','019ba41a'][number%3+1], '-0000-7000-8000-',
  leftPad(toString(number), 12, '0')), 'w'||number%3, 'p'||number%5, 'n'||number, toDateTime64('2026-01-01 00:00:00',
  9, 'UTC'), if(number%2=0, toDateTime64('2026-01-01 00:00:00', 9, 'UTC')+number, NULL), 'question '||number,
  if(number%2=0, 'answer '||number, ''), ['a','b'||number%4], toDateTime64('2026-01-01 00:00:00', 9, 'UTC'),
  toDateTime64('2026-01-01 00:00:00', 6, 'UTC')+number, 't'||number%300 FROM numbers(15000);
