-- T: c_lf.observations
-- FP: id, trace_id, project_id, type, start_time, is_deleted, input, usage_details, cost_details, total_cost
-- K: --order-by 'project_id, toDate(start_time), type, id' --primary-key 'project_id, toDate(start_time), type'
--   --partition-by 'toYYYYMM(start_time)'
-- FINAL: 1
-- AFTERX: INSERT INTO c_lf.observations (id, trace_id, project_id, type, start_time, event_ts, is_deleted) SELECT 'o'
--   ||(number+{n}*10), 't', 'p'||(number+{n}*10)%4, 'SPAN', toDateTime64('2026-01-01 00:00:00',3)+(number+{n}*10)*60,
--   now64(3), number%10=0 FROM numbers(10)
-- AFTER: INSERT INTO c_lf.observations (id, trace_id, project_id, type, start_time, event_ts, is_deleted) SELECT 'zz'
--   ||number, 't', 'p', 'SPAN', now64(3), now64(3), 0 FROM numbers(10)
-- source: the observations table of langfuse: an application that writes plain INSERTs all the while, newer versions
--   of old keys and tombstones among them
CREATE TABLE c_lf.observations (id String, trace_id String, project_id String, type LowCardinality(String),
  parent_observation_id Nullable(String), start_time DateTime64(3), end_time Nullable(DateTime64(3)), name String,
  metadata Map(LowCardinality(String), String), level LowCardinality(String), input Nullable(String) CODEC(ZSTD(3)),
  usage_details Map(LowCardinality(String), UInt64), cost_details Map(LowCardinality(String), Decimal64(12)),
  total_cost Nullable(Decimal64(12)), created_at DateTime64(3) DEFAULT now(), updated_at DateTime64(3) DEFAULT now(),
  event_ts DateTime64(3), is_deleted UInt8,
 INDEX idx_id id TYPE bloom_filter() GRANULARITY 1, INDEX idx_trace_id trace_id TYPE bloom_filter() GRANULARITY 1)
 ENGINE = ReplacingMergeTree(event_ts, is_deleted) PARTITION BY toYYYYMM(start_time) PRIMARY KEY (project_id, type,
  toDate(start_time)) ORDER BY (project_id, type, toDate(start_time), id);
INSERT INTO c_lf.observations (id, trace_id, project_id, type, start_time, metadata, usage_details, cost_details,
  total_cost, event_ts, is_deleted) SELECT 'o'||number, 't'||number%100, 'p'||number%4, ['SPAN','GENERATION',
  'EVENT'][number%3+1], toDateTime64('2026-01-01 00:00:00',3)+number*60, map('k'||number%5, 'v', 'a', 'b'), map('in',
  number), map('in', number/7), number/9, toDateTime64('2026-02-01 00:00:00',3), number%20=0 FROM numbers(30000);
