package dev.trunkline.router;

/** A tag that a member may carry, with a value that it may have. */
public record Tag(String name, String value) {
    /** True if this member carries the tag with this value. */
    public boolean isOn(Member member) {
        return value.equals(member.labels().tags().get(name));
    }

    /** {@code name=value}. */
    @Override
    public String toString() {
        return name + "=" + value;
    }
}
