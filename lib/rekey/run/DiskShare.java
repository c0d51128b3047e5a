package rekey.run;

import java.util.ArrayList;
import java.util.List;
import rekey.check.DiskSpace;
import rekey.model.Table;
import rekey.session.Session;

/// How much of the new table and its staging a disk is to take. Both have the source's storage policy.
/// The server fills its volumes in their order, and the disks of one volume evenly. Where a part is
/// larger than a volume's `max_data_part_size` it goes on to the next volume.
///
/// @param freeBytes what can still be written, `keep_free_space` left out; -1 for a disk without a bound
/// @param needBytes 0 for a disk of a volume that is not reached
public record DiskShare(String policy, String volume, String disk, long freeBytes, long needBytes) {

    static List<DiskShare> of(Session session, Table source, long need) {
        var disks = DiskSpace.disks(session.server(), source.storagePolicy());
        var out = new ArrayList<DiskShare>();
        double left = need;
        for (var volume : disks.stream().map(DiskSpace.Disk::volume).distinct().toList()) {
            var these = disks.stream()
                    .filter(d -> d.volume().equals(volume))
                    .sorted((a, b) -> Double.compare(a.room(), b.room()))
                    .toList();
            int open = these.size();
            for (var d : these) {
                double share = Math.min(d.room(), left / open--);
                left -= share;
                out.add(new DiskShare(
                        source.storagePolicy(),
                        volume,
                        d.name(),
                        d.unlimited() ? -1 : Math.round(d.room()),
                        Math.round(share)));
            }
        }
        return List.copyOf(out);
    }
}
