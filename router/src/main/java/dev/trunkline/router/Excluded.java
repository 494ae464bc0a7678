package dev.trunkline.router;

/** A member that gets no transactions, kept in the picture so that the console can say why. */
public record Excluded(Member member, Ineligible reason) {}
