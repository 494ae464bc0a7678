package dev.trunkline.router;

/** What one candidate of a {@link Balancer} is to get of the whole. Loop-confined. */
public final class Share {
    private int weight = 1;
    private double ramp = 1;
    private double credit;

    /** @param start 0 to 1: where it stands in its turn at first, so that not every worker begins with the same candidate */
    public Share(double start) {
        this.credit = start;
    }

    /** How much it is to get where weights count, 0 or more; one with 0 gets nothing while there is another. */
    public void weight(int newWeight) {
        weight = newWeight;
    }

    /** What it is to get, 0 or more. */
    public int weight() {
        return weight;
    }

    /** Which part of what is due to it it gets now, above 0 and up to 1: less than 1 while it is new. */
    public void ramp(double newRamp) {
        ramp = newRamp;
    }

    /** Which part of what is due to it it gets now. */
    public double ramp() {
        return ramp;
    }

    /** What it has got too little, or too much if that is negative, in choices. */
    double credit() {
        return credit;
    }

    void credit(double newCredit) {
        credit = newCredit;
    }
}
