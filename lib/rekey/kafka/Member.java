package rekey.kafka;

/// A consumer that belongs to a group now.
///
/// @param id       the broker's name for it: the client's id, a dash and a UUID (the classic protocol)
/// @param clientId what it calls itself
/// @param host     where it connects from
public record Member(String id, String clientId, String host) {}
