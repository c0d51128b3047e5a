-- T: c_cb.hits
-- K: --order-by 'CounterID, EventDate, intHash32(UserID), EventTime, WatchID' --sample-by 'intHash32(UserID)'
--   --partition-by 'toYYYYMM(EventDate)'
-- BG: INSERT INTO c_cb.hits (WatchID, JavaEnable, Title, GoodEvent, EventTime, EventDate, CounterID, UserID, URL,
--   SearchPhrase, AdvEngineID, ResolutionWidth) SELECT {n}*1000+number, 1, 'new', 1,
--   toDateTime('2013-07-20 00:00:00')+{n}*30, toDate('2013-07-20'), 62, cityHash64(number%40), 'http://x/{n}',
--   'phrase '||number%3, number%4, 1280 FROM numbers(100)
-- AFTER: INSERT INTO c_cb.hits (WatchID, EventTime, EventDate, CounterID, UserID) SELECT number,
--   toDateTime('2013-08-01 00:00:00')+number, toDate('2013-08-01'), 1, number FROM numbers(100)
-- CHECK: SELECT CounterID, count(), uniq(UserID) FROM c_cb.hits WHERE intHash32(UserID) % 10 = 0 GROUP BY CounterID
--   ORDER BY 2 DESC LIMIT 3
-- source: the hits of ClickBench, made without partitions and without a sampling key; ClickHouse's own example of the
--   same data has both, and its documentation of ORDER BY (pull 3755) says what for
CREATE TABLE c_cb.hits (
 WatchID BIGINT NOT NULL, JavaEnable SMALLINT NOT NULL, Title TEXT NOT NULL, GoodEvent SMALLINT NOT NULL, EventTime
   TIMESTAMP NOT NULL, EventDate Date NOT NULL, CounterID INTEGER NOT NULL, ClientIP INTEGER NOT NULL, RegionID
   INTEGER NOT NULL, UserID BIGINT NOT NULL, CounterClass SMALLINT NOT NULL, OS SMALLINT NOT NULL, UserAgent SMALLINT
   NOT NULL, URL TEXT NOT NULL, Referer TEXT NOT NULL, IsRefresh SMALLINT NOT NULL, RefererCategoryID SMALLINT NOT
   NULL, URLCategoryID SMALLINT NOT NULL, ResolutionWidth SMALLINT NOT NULL, ResolutionHeight SMALLINT NOT NULL,
   FlashMinor2 TEXT NOT NULL, UserAgentMinor VARCHAR(255) NOT NULL, CookieEnable SMALLINT NOT NULL, IsMobile SMALLINT
   NOT NULL, MobilePhoneModel TEXT NOT NULL, SearchEngineID SMALLINT NOT NULL, SearchPhrase TEXT NOT NULL, AdvEngineID
   SMALLINT NOT NULL, WindowName INTEGER NOT NULL, LocalEventTime TIMESTAMP NOT NULL, HitColor CHAR NOT NULL,
   SocialAction TEXT NOT NULL, ParamPrice BIGINT NOT NULL, FromTag TEXT NOT NULL, HasGCLID SMALLINT NOT NULL,
   RefererHash BIGINT NOT NULL, URLHash BIGINT NOT NULL, CLID INTEGER NOT NULL,
 PRIMARY KEY (CounterID, EventDate, UserID, EventTime, WatchID)) ENGINE = MergeTree;
INSERT INTO c_cb.hits (WatchID, JavaEnable, Title, GoodEvent, EventTime, EventDate, CounterID, ClientIP, RegionID,
  UserID, OS, URL, Referer, ResolutionWidth, SearchPhrase, AdvEngineID, LocalEventTime, HitColor, ParamPrice,
  RefererHash, URLHash) SELECT cityHash64(number), number%2, 'title '||number%100, 1,
  toDateTime('2013-06-20 00:00:00')+number*120, toDate(toDateTime('2013-06-20 00:00:00')+number*120), number%700,
  -number, number%200, cityHash64(number%3000), number%50, 'http://example/'||number%900, 'http://r/'||number%90,
  1920, if(number%10=0, 'p'||number%77, ''), number%40=0, toDateTime('2013-06-20 00:00:00')+number*120, 'D', number,
  -number, number*7 FROM numbers(20000);
