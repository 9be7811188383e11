package io.bida.benchmarks;

/**
 * What waiting messages look like.
 *
 * @param payload bytes each
 * @param keys how many ordering keys they have, in turns; 0 for none
 */
record Shape(int payload, int keys) {

    static final int USUAL_PAYLOAD = 300;
    static final Shape USUAL = new Shape(USUAL_PAYLOAD, 0);

    private static final int ROWS_PER_STATEMENT = 10_000;
    private static final int BYTES_PER_STATEMENT = 16 << 20;

    Shape unkeyed() {
        return new Shape(payload, 0);
    }

    int rowsPerStatement() {
        return Math.max(1, Math.min(ROWS_PER_STATEMENT, BYTES_PER_STATEMENT / Math.max(1, payload)));
    }

    /** Of the message whose number is an SQL expression. */
    String orderingKey(String number) {
        return keys == 0 ? "NULL" : "CONCAT('key-', MOD(" + number + ", " + keys + "))";
    }
}
