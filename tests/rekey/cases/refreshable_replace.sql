-- T: c_rmv.top
-- REFUSED: SYSTEM STOP VIEW
-- K: --order-by 'n, site'
-- source: ClickHouse issue 82256, pull 59745 (a refreshable view replaces its target by an exchange of its own)
CREATE TABLE c_rmv.src (site UInt32, v UInt64) ENGINE = MergeTree ORDER BY site;
INSERT INTO c_rmv.src SELECT number%50, number FROM numbers(5000);
CREATE TABLE c_rmv.top (site UInt32, n UInt64) ENGINE = MergeTree ORDER BY site;
CREATE MATERIALIZED VIEW c_rmv.rmv REFRESH EVERY 2 SECOND TO c_rmv.top AS SELECT site, count() AS n FROM c_rmv.src
  GROUP BY site;
SYSTEM WAIT VIEW c_rmv.rmv;
