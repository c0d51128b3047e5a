-- T: c_an.s
-- K: --order-by 'site'
-- FP: g,site,arrayMap(x->finalizeAggregation(x.2),n),arraySort(finalizeAggregation(t.2)),
--   arraySort(mapValues(mapApply((k,v)->(k,finalizeAggregation(v)),m))),round(finalizeAggregation(d),3)
-- kind: states inside Nested, Tuple and Map, and a sum over a set of floats
CREATE TABLE c_an.s (g UInt32, site UInt32, n Array(Tuple(k UInt8, s AggregateFunction(uniqExact, String))), t Tuple(a
  UInt8, s AggregateFunction(groupUniqArray, String)), m Map(String, AggregateFunction(uniq, String)), d
  AggregateFunction(sumDistinct, Float64)) ENGINE = MergeTree ORDER BY g;
INSERT INTO c_an.s SELECT number%10, number%5, [tuple(1, uniqExactState(toString(number)))], tuple(1,
  groupUniqArrayState(toString(number))), map('a', uniqState(toString(number))), sumDistinctState(number/7) FROM
  numbers(30000) GROUP BY 1, 2;
