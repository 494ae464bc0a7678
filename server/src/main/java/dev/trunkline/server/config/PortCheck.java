package dev.trunkline.server.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reports two listeners on one port or Unix socket. Confined to the thread that loads. */
final class PortCheck {
    private final Problems problems;
    private final List<Claim> claims = new ArrayList<>();
    private final Map<Integer, Position> unixSockets = new HashMap<>();

    PortCheck(Problems problems) {
        this.problems = problems;
    }

    private record Claim(Position at, String address, int port) {
        boolean overlaps(Claim other) {
            boolean sameAddress = address.equals(other.address) || address.equals("*") || other.address.equals("*");
            return port == other.port && sameAddress;
        }
    }

    /** Notes a port; reported if an earlier claim has it. */
    void claim(Position at, String address, int port) {
        Claim claim = new Claim(at, address, port);
        claims.stream()
                .filter(claim::overlaps)
                .findFirst()
                .ifPresent(first -> problems.error(at, "port " + port + " is already used in line " + first.at.line()));
        claims.add(claim);
    }

    /** Notes the Unix socket of a port; false if an earlier claim has it. */
    boolean claimUnixSocket(Position at, int port) {
        return unixSockets.putIfAbsent(port, at) == null;
    }

    /** Reports that an earlier claim has the Unix socket of a port. */
    void reportUnixSocket(Position at, int port) {
        Position first = Objects.requireNonNull(unixSockets.get(port));
        problems.error(at, "the Unix socket of port " + port + " is already used in line " + first.line());
    }
}
