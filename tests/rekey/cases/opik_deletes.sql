-- T: c_opik.traces
-- FP: id, workspace_id, project_id, name, start_time, end_time, input, tags, duration, error_info
-- K: --order-by 'workspace_id, project_id, start_time, id' --partition-by 'toMonday(start_time)'
-- FINAL: 1
-- BG: INSERT INTO c_opik.traces (id, workspace_id, project_id, name, start_time, last_updated_at) SELECT 'n{n}-'
--   ||number, 'w'||number%3, 'p'||number%5, 'new', toDateTime64('2026-02-01 00:00:00',9)+number*100, now64(6) FROM
--   numbers(20)
-- BG: DELETE FROM c_opik.traces WHERE id = 'id'||toString({n}*7)
-- AFTER: DELETE FROM c_opik.traces WHERE id LIKE 'id99%'
-- source: the traces of comet opik, which changes its table's keys while it deletes: 2 DELETEs a second and more, for
--   as long as the migration takes
CREATE TABLE c_opik.traces (id String, workspace_id String, project_id String, name String, start_time DateTime64(9,
  'UTC') DEFAULT now64(9), end_time Nullable(DateTime64(9,'UTC')), input String DEFAULT '', tags Array(String),
  created_at DateTime64(9,'UTC') DEFAULT now64(9), last_updated_at DateTime64(6,'UTC') DEFAULT now64(6), duration
  Nullable(Float64) MATERIALIZED if(end_time IS NOT NULL, dateDiff('microsecond', start_time, end_time)/1000., NULL),
  error_info String DEFAULT '' CODEC(ZSTD(9)))
 ENGINE = ReplacingMergeTree(last_updated_at) ORDER BY (workspace_id, project_id, id);
INSERT INTO c_opik.traces (id, workspace_id, project_id, name, start_time, last_updated_at) SELECT 'id'||number, 'w'
  ||number%3, 'p'||number%5, 'old', toDateTime64('2026-01-01 00:00:00',9)+number*60,
  toDateTime64('2026-01-01 00:00:00',6)+number FROM numbers(20000);
INSERT INTO c_opik.traces (id, workspace_id, project_id, name, start_time, last_updated_at) SELECT 'id'||number, 'w'
  ||number%3, 'p'||number%5, 'newer', toDateTime64('2026-01-01 00:00:00',9)+number*60,
  toDateTime64('2026-01-02 00:00:00',6)+number FROM numbers(0,3000);
