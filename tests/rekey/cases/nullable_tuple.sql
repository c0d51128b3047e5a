-- T: c_nt.t
-- WITH: enable_nullable_tuple_type=1
-- K: --order-by 'b, a'
-- AFTER: INSERT INTO c_nt.t SELECT number, 1, NULL FROM numbers(10)
-- kind: a type that its maker had to allow by a setting that only newer servers know
CREATE TABLE c_nt.t (a UInt64, b UInt64, t Nullable(Tuple(x UInt8, y String))) ENGINE = MergeTree ORDER BY a SETTINGS
  index_granularity = 8192;
INSERT INTO c_nt.t SELECT number, number % 9, if(number % 3 = 0, NULL, tuple(number % 250, 'y'))::Nullable(Tuple(x
  UInt8, y String)) FROM numbers(1000);
