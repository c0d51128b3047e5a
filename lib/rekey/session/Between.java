package rekey.session;

/// What was carried from one table into another, or compared between the two. Tables are named by their UUIDs.
public interface Between {
    String from();

    String to();

    default boolean between(String from, String to) {
        return from().equals(from) && to().equals(to);
    }
}
