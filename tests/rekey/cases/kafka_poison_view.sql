-- T: c_kp.events
-- K: --order-by 'app_id, n' --max-held 10s
-- TOPIC: kp-events 2
-- MESSAGE: {"app_id":"{n}","n":{n}}
-- POISON: {"app_id":"not a number","n":1}
-- VIEW: c_kp.cascade_mv
-- source: a view behind the table fails at one message: the batch is inserted into the table again and again, and
--   never committed
CREATE TABLE c_kp.queue (app_id String, n UInt64) ENGINE = Kafka SETTINGS kafka_broker_list='127.0.0.1:28053',
  kafka_topic_list='kp-events', kafka_group_name='kp-g', kafka_format='JSONEachRow', kafka_num_consumers=1,
  kafka_flush_interval_ms=500, kafka_max_block_size=500;
CREATE TABLE c_kp.events (app_id String, n UInt64, part UInt64, off UInt64, ts DateTime) ENGINE = MergeTree ORDER BY n;
CREATE TABLE c_kp.cascade (app_id UInt32) ENGINE = MergeTree ORDER BY app_id;
CREATE MATERIALIZED VIEW c_kp.mv TO c_kp.events AS SELECT app_id, n, _partition AS part, _offset AS off, now() AS ts
  FROM c_kp.queue;
CREATE MATERIALIZED VIEW c_kp.cascade_mv TO c_kp.cascade AS SELECT toUInt32(app_id) * 2 AS app_id FROM c_kp.events;
