-- T: c_null.t
-- REFUSED: allow_nullable_key
-- K: --order-by 'tenant, at'
-- AFTER: INSERT INTO c_null.t SELECT NULL, now(), 1 FROM numbers(10)
CREATE TABLE c_null.t (tenant Nullable(String), at DateTime, v UInt32) ENGINE = MergeTree ORDER BY at;
INSERT INTO c_null.t SELECT if(number%3=0,NULL,'t'||number%9), toDateTime('2026-01-01 00:00:00')+number, number FROM
  numbers(5000);
