//FILES page.html=page.html
//SOURCES MetricsOptions.java
//SOURCES MetricsServer.java
//SOURCES MigrationsReader.java
//SOURCES PageOptions.java
//SOURCES PageServer.java
//SOURCES RollbackProcess.java
//SOURCES ShownMigration.java

/// The live page: all migrations of a database in a browser, on this machine alone.
///
/// 1. **It looks on.** It reads the journal and the server as `status` does, and holds no lock: who closes it
///    ends nothing. Its buttons write the orders that the commands write. A rollback is a process of its own,
///    which outlives the page and its terminal. It speaks to all hosts of a cluster: one that was opened by
///    another host wrote its orders where nobody read them, and its rollback was refused.
/// 2. **Loopback, a token, the Host.** The socket is bound to 127.0.0.1. Without the random token of the address
///    there is 404 and not a word. A `Host` other than ours is refused, for a stranger's name that points here (DNS
///    rebinding) would make any page one of ours; so is an `Origin` other than ours. Orders need a header that no
///    form can send. What is served names no other address, and its Content-Security-Policy forbids it.
/// 3. **Read-only** unless it was opened with `--control`. Each button then asks first, in the words of the command.
/// 4. **No password** is in what is served: [ShownMigration] is made of the journal and system tables, and of no
///    endpoint.
/// 5. **A silent server shows.** The connection has a time-out, and each second the page is told how old the last
///    answer is, so a hung server does not look like a run that stands still.
/// 6. **A scraper gets what is so now** ([MetricsServer]): each visit asks anew, and where nobody answers it is told
///    so and gets no figure. That socket is on 127.0.0.1 too unless an address is named, and gives figures alone.
package rekey.page;
