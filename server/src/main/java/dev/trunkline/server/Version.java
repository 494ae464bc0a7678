package dev.trunkline.server;

import org.jspecify.annotations.Nullable;

/** The version of this build. */
public final class Version {
    private Version() {}

    /** As it stands in the manifest of the jar; {@code unpackaged} when classes run without their jar. */
    public static String current() {
        @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
