-- T: c_aggnull.t
-- WITH: enable_nullable_tuple_type=1
-- K: --order-by 'site'
-- FP: g, site, isNull(n), finalizeAggregation(tupleElement(assumeNotNull(n), 2)), variantElement(v, 'Int32'),
--   finalizeAggregation(variantElement(v, 'AggregateFunction(uniqExact, String)'))
-- kind: states inside a Nullable(Tuple) and a Variant; a set in them is written in another order by a copy
CREATE TABLE c_aggnull.t (g UInt32, site UInt32, n Nullable(Tuple(a Int32, s AggregateFunction(uniqExact, String))),
  v Variant(Int32, AggregateFunction(uniqExact, String))) ENGINE = MergeTree ORDER BY g;
INSERT INTO c_aggnull.t SELECT number % 10, number % 5, if(number % 10 = 3, NULL, tuple(toInt32(1),
  uniqExactState(toString(number)))::Tuple(a Int32, s AggregateFunction(uniqExact, String))), if(number % 10 = 4,
  toInt32(7)::Variant(Int32, AggregateFunction(uniqExact, String)),
  uniqExactState(toString(number))::Variant(Int32, AggregateFunction(uniqExact, String))) FROM numbers(30000)
  GROUP BY number % 10, number % 5;
INSERT INTO c_aggnull.t SELECT number % 10, number % 5, NULL, NULL FROM numbers(300);
