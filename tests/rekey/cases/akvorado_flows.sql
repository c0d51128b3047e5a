-- T: c_akv.flows
-- WITH: allow_suspicious_low_cardinality_types=1
-- K: --order-by 'toStartOfFiveMinutes(TimeReceived), ExporterAddress, InIfName, OutIfName'
-- BG: INSERT INTO c_akv.flows (TimeReceived, SamplingRate, ExporterAddress, ExporterName, SrcAddr, DstAddr, SrcAS,
--   DstAS, DstASPath, DstCommunities, InIfName, OutIfName, InIfBoundary, EType, Proto, Bytes, Packets, SrcPort,
--   DstPort) SELECT toDateTime('2026-01-08 00:00:00')+{n}*10+number%10, 1000, toIPv6('::ffff:10.0.0.1'), 'r1',
--   toIPv6('2001:db8::'||hex(number)), toIPv6('::ffff:192.0.2.7'), 64500, 64501+number%5, [64501, 64502], [1, {n}],
--   'et0', 'et1', 'external', 2048, 6, 100*number, number, 443, 50000+number FROM numbers(80)
-- AFTER: INSERT INTO c_akv.flows (TimeReceived, ExporterAddress, Bytes) SELECT
--   toDateTime('2026-01-09 00:00:00')+number, toIPv6('::1'), number FROM numbers(100)
-- CHECK: SELECT SrcCountry, sum(Bytes * SamplingRate) / 60 FROM c_akv.flows WHERE TimeReceived BETWEEN
--   '2026-01-02 00:00:00' AND '2026-01-02 01:00:00' GROUP BY SrcCountry
-- CHECK: SELECT PacketSize, PacketSizeBucket, DstAddrNAT FROM c_akv.flows LIMIT 1
-- source: akvorado's flows; akvorado issue 1223 asks how to change the key of a table that is there, from each second
--   to five minutes
CREATE TABLE c_akv.flows (
 TimeReceived DateTime CODEC(DoubleDelta, LZ4), SamplingRate UInt64, ExporterAddress LowCardinality(IPv6),
   ExporterName LowCardinality(String), ExporterGroup LowCardinality(String), ExporterSite LowCardinality(String),
   SrcAddr IPv6 CODEC(ZSTD(1)), DstAddr IPv6 CODEC(ZSTD(1)), SrcNetMask UInt8, DstNetMask UInt8, SrcNetPrefix String
   ALIAS multiIf(EType = 0x0800, concat(replaceRegexpOne(toString(IPv6CIDRToRange(SrcAddr,
   toUInt8(96 + SrcNetMask)).1),
   '^::ffff:', ''), '/', toString(SrcNetMask)), ''), SrcAS UInt32, DstAS UInt32, SrcNetName LowCardinality(String),
   DstNetName LowCardinality(String), SrcCountry FixedString(2), DstCountry FixedString(2), DstASPath Array(UInt32),
   Dst1stAS UInt32 MATERIALIZED DstASPath[1], Dst2ndAS UInt32 MATERIALIZED DstASPath[2], DstCommunities Array(UInt32),
   DstLargeCommunities Array(UInt128), DstAddrNAT IPv6 CODEC(ZSTD(1)),
 InIfName LowCardinality(String), OutIfName LowCardinality(String), InIfDescription LowCardinality(String), InIfSpeed
   UInt32, OutIfSpeed UInt32, InIfBoundary Enum8('undefined' = 0, 'external' = 1, 'internal' = 2), OutIfBoundary
   Enum8('undefined' = 0, 'external' = 1, 'internal' = 2), EType UInt32, Proto UInt32, SrcPort UInt16, DstPort UInt16,
   Bytes UInt64 CODEC(T64, LZ4), Packets UInt64 CODEC(T64, LZ4), PacketSize UInt64 ALIAS intDiv(Bytes, Packets),
   PacketSizeBucket LowCardinality(String) ALIAS multiIf(PacketSize < 64, '0-63', PacketSize < 128, '64-127',
   '128-inf'), ForwardingStatus UInt32, SrcMAC UInt64, TCPFlags UInt16 CODEC(ZSTD(1)))
 ENGINE = MergeTree PARTITION BY toYYYYMMDDhhmmss(toStartOfInterval(TimeReceived, toIntervalSecond(25920))) ORDER BY
   (TimeReceived, ExporterAddress, InIfName, OutIfName) TTL TimeReceived + toIntervalSecond(1296000000) SETTINGS
   index_granularity = 8192;
INSERT INTO c_akv.flows (TimeReceived, SamplingRate, ExporterAddress, ExporterName, SrcAddr, DstAddr, SrcNetMask,
  SrcAS, DstAS, SrcCountry, DstASPath, DstCommunities, DstLargeCommunities, InIfName, OutIfName, InIfBoundary,
  OutIfBoundary, EType, Proto, SrcPort, DstPort, Bytes, Packets) SELECT toDateTime('2026-01-01 00:00:00')+number*12,
  1000, toIPv6('::ffff:10.0.0.'||number%5), 'r'||number%5, toIPv6('::ffff:198.51.100.'||number%250),
  toIPv6('2001:db8::'||lower(hex(number%900))), 24, 64500+number%90, 64600+number%40, ['DE','FR','  '][number%3+1],
  arrayMap(i -> 64500+i, range(number%5)), range(number%4), if(number%9=0, [toUInt128(18446744073709551616)+number],
  []), 'et'||number%6, 'et'||number%7, ['external','internal'][number%2+1], 'undefined', 2048, [6,17][number%2+1],
  number%65536, 443, number*64, 1+number%20 FROM numbers(20000);
