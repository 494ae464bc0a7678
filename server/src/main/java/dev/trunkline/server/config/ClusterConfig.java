package dev.trunkline.server.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A leader and its replicas.
 *
 * @param source who is asked which server is what
 * @param replicas which of them get reads
 * @param failoverHold how long a transaction waits for a leader; 0 fails at once
 * @param maxHeldClients how many clients of one database and user wait for a leader at most; 0 for any number
 * @param switchoverWait how long a switchover waits for running transactions before it gives up; 0 or longer
 * @param pollInterval time between two looks at the source
 * @param suspectInterval the same, while something is suspect
 * @param walSampleInterval time between two looks at the WAL position of a server, while somebody needs them
 * @param checkUser who asks the servers by SQL; null for nobody
 * @param checkDbname the database for that
 */
public record ClusterConfig(
        String name,
        ClusterSource source,
        ReplicaRules replicas,
        Duration failoverHold,
        int maxHeldClients,
        Duration switchoverWait,
        Duration pollInterval,
        Duration suspectInterval,
        Duration walSampleInterval,
        @Nullable String checkUser,
        String checkDbname) {}
