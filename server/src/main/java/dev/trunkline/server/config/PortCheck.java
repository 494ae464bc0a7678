package dev.trunkline.server.config;

import java.util.ArrayList;
import java.util.List;

/** Reports two listeners on one port. Confined to the thread that loads. */
final class PortCheck {
    private final Problems problems;
    private final List<Claim> claims = new ArrayList<>();

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
}
