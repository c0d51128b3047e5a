//SOURCES Consumers.java
//SOURCES Continuity.java
//SOURCES DetachedProcess.java
//SOURCES Gate.java
//SOURCES Guard.java
//SOURCES HeldTime.java
//SOURCES HostGates.java

/// The gate, the guard, and what Kafka's consumers do.
///
/// 1. **A gate stops all views of a Kafka table together, and a restart does not open it.** Detaching several views
///    one by one lost 134,000 and 178,000 of 1.8 M rows, with lag 0 reported. What `SYSTEM PAUSE` stops, a restart
///    starts again within 45 s, and nothing shows it as paused. A Kafka table stops reading while the target of one
///    of its views is missing: that is the gate. It passed 12 cycles at 8,000 messages a second with two views.
/// 2. **Stopped is what the consumers show, not what a statement returned.** DETACH returned in 1 to 17 ms, and
///    45,000 to 159,000 rows landed afterwards. The gate must stand in `missing_dependencies`, `is_currently_used`
///    must be 0 over samples longer than one flush, and the table must have no new block.
/// 3. **A gate that stands is left alone.** To close it again opened it for some milliseconds: 305 rows came in
///    within 200 closings.
/// 4. **The gate outlives its owner, so a guard does too.** It reopens ingestion at `--deadline`, whatever became
///    of the runner. If its machine dies as well, every command says so first, with the one statement that
///    reopens. Ctrl-Z once stopped it with its runner, and nothing opened ingestion at the deadline; a laptop
///    that slept for a quarter of an hour woke up to a guard that had gone away.
/// 5. **Held is told by the consumers,** from the end of the first consumer's last batch to the return of the
///    statement that reopened, not by the runner's clock. It was told up to the present where the guard
///    had opened ingestion long before.
/// 6. **A consumer of the group outside this server takes the partitions over when these pause.** The group's
///    members must be those of `system.kafka_consumers`, or the migration is refused.
/// 7. **A batch that fails never ends as one that succeeds does.** A view behind the table that throws has it
///    inserted again and again, and whoever waited for its end waited for ever. What runs after a failure began
///    after it.
/// 8. **On a cluster there is one pause over all hosts.** A host's consumers take over what another's give up, and
///    the view of any host may write to any other by a Distributed table: so the gates of all are closed, the
///    consumers of all awaited, and then the queues of the Distributed tables sent on, for rows wait in them that
///    Kafka's offsets count as read. Each host has a clock of its own; held time is told by that of the first.
package rekey.ingestion;
