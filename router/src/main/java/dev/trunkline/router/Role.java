package dev.trunkline.router;

/** What a member of a cluster is for its clients. A standby leader is a {@link #REPLICA}: nobody can write there. */
public enum Role {
    LEADER,
    REPLICA
}
