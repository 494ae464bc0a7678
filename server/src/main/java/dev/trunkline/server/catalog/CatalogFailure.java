package dev.trunkline.server.catalog;

/** A catalog could not be read; the message says why. Has no stack. */
final class CatalogFailure extends RuntimeException {
    CatalogFailure(String message) {
        super(message, null, false, false);
    }
}
