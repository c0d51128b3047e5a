package rekey.clickhouse;

import rekey.model.Keys;
import rekey.model.Rewrite;
import rekey.model.Table;
import rekey.model.Trouble;

/// A person's key expressions, read and formatted by the server itself, so that they can be compared with what
/// `system.tables` shows. Reads only.
public record KeyText(ClickHouse server) {

    /// The keys a rewrite asks for, as the server would show them.
    ///
    /// @throws Trouble.Usage when one is no valid expression over the table's columns
    public Keys keys(Rewrite rewrite, Table source) {
        if (!source.mergeTree()) throw new Trouble.Usage(source.name() + " has the engine " + source.engine()
                + ": only tables of the MergeTree family have keys that rekey can rewrite.");
        var orderBy = formatted("sorting key", "--order-by", rewrite.orderBy(), source);
        var primary = rewrite.primaryKey().isBlank() ? orderBy : formatted("primary key", "--primary-key", rewrite.primaryKey(), source);
        var sampleBy = formatted("sampling key", "--sample-by", rewrite.sampleBy(), source);
        var partitionBy = formatted("partition key", "--partition-by", rewrite.partitionBy(), source);
        if (!orderBy.equals(primary) && !(orderBy + ", ").startsWith(primary + ", "))
            throw new Trouble.Usage("The primary key (" + primary + ") must be the beginning of the sorting key (" + orderBy + "): change --primary-key or --order-by.");
        if (!sampleBy.isEmpty()) sampling(sampleBy, primary, source);
        return new Keys(partitionBy, primary, orderBy, sampleBy);
    }

    private void sampling(String sampleBy, String primary, Table source) {
        if (!Clauses.split(primary).contains(sampleBy))
            throw new Trouble.Usage("SAMPLE BY " + sampleBy + " is not in the sorting key (" + primary
                    + "): ClickHouse wants the sampling key to be one of its expressions; add it to --order-by.");
        var type = server.one("DESCRIBE TABLE (SELECT " + sampleBy + " AS k FROM " + source.name().sql() + ")").string("type");
        if (!type.matches("UInt(8|16|32|64)"))
            throw new Trouble.Usage("SAMPLE BY " + sampleBy + " is a " + type + ": ClickHouse samples by unsigned integers only; use a hash such as cityHash64(...).");
    }

    private String formatted(String what, String option, String expression, Table source) {
        var text = Clauses.unwrapped(expression);
        if (text.isEmpty()) return "";
        try {
            var line = server.one("SELECT formatQuerySingleLine(" + Sql.text("SELECT " + text) + ") AS line").string("line");
            server.query("SELECT " + text + " FROM " + source.name().sql() + " LIMIT 0");
            return Clauses.unwrapped(line.substring("SELECT ".length()));
        } catch (ServerError e) {
            if (e.code() == ServerError.ACCESS_DENIED || e.code() == ServerError.MEMORY_LIMIT) throw e;
            throw new Trouble.Usage("The " + what + " '" + expression + "' is no valid expression over " + source.name()
                    + ": " + e.getMessage() + " Correct " + option + ".");
        }
    }
}
