package rekey.report;

import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.model.Ingestion;
import rekey.model.Keys;
import rekey.model.Rewrite;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.session.IngestionHosts;
import rekey.session.Original;
import rekey.session.Session;

/// The tables of a migration that is done by hand, and what is said of them again and again. rekey's own journal is
/// left alone; in its place there is a small table of marks, into which only these statements write.
///
/// A mark is a number: of one server's table all blocks below it have been carried. Its rows are events: what was
/// begun (a chunk: a partition or `*`, and its blocks), what was carried, and which blocks of the live table came
/// from the old one.
record RunbookTables(Session session, Table source, Keys keys, Ingestion ingestion, List<TableName> dependants) {
    /// Before a table is created: it computes its keys in the time zone of the session that did so, until the server
    /// starts again, whoever inserts and whatever the INSERT sets.
    static final String IN_THE_SERVERS_ZONE =
            "-- a table computes its keys in the time zone of who creates it: the server's, whatever this client's"
                    + " is\n"
                    + "SET session_timezone = ''";

    static RunbookTables of(Session s) {
        var source = s.source();
        return new RunbookTables(
                s,
                source,
                s.keys(source),
                new Ingestion(IngestionHosts.of(s).kafkaTables()),
                s.catalog().dependants(source.name()));
    }

    Rewrite rewrite() {
        return session.rewrite();
    }

    TableName target() {
        return rewrite().target();
    }

    TableName backup() {
        return rewrite().backup();
    }

    TableName marks() {
        return source.name().sibling(target().table() + "_marks");
    }

    TableName staging() {
        return rewrite().staging("byhand");
    }

    /// What staging tables are made after: under the new keys for the way forward, under the old ones for the way
    /// back.
    TableName model(String way) {
        return rewrite().staging("model_" + way);
    }

    Original original() {
        return Original.of(source, dependants);
    }

    List<String> releaseMerges(TableName table) {
        return original().restore(table, Ddl.HOLD_MERGES, Ddl.FORCED_MERGES);
    }

    // --- pieces of statements ---

    static String is(TableName table) {
        return "database = " + Sql.text(table.database()) + " AND table = " + Sql.text(table.table());
    }

    static String isNamed(TableName table) {
        return "database = " + Sql.text(table.database()) + " AND name = " + Sql.text(table.table());
    }

    static String parts(TableName table) {
        return "system.parts WHERE active AND " + is(table);
    }

    static String hashes(TableName table) {
        return "(SELECT hash_of_all_files FROM " + parts(table) + ")";
    }

    /// A statement that is an error, by which what comes after it is not run.
    static String stopIf(String condition, String sentence, String rest) {
        return "SELECT throwIf(" + condition + ", " + Sql.text(sentence) + ")"
                + (rest.isEmpty() ? "" : " FROM " + rest);
    }

    /// The mark of a way: all blocks below it have been carried.
    String mark(String way) {
        return "(SELECT max(below) FROM " + marks().sql() + " WHERE way = '" + way
                + "' AND event = 'carried' AND partition = '*')";
    }

    String cut() {
        return "(SELECT max(below) FROM " + marks().sql() + " WHERE way = 'forward' AND event = 'cut')";
    }

    /// By partition, how far the first round is.
    String done() {
        return "(SELECT maxMap(map(partition, below)) FROM " + marks().sql()
                + " WHERE way = 'forward' AND event = 'carried')";
    }

    String swapTime() {
        return "(SELECT max(at) FROM " + marks().sql() + " WHERE event = 'swapped')";
    }
}
