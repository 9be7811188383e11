package io.bida.transport.nats;

import io.bida.message.BidaException;
import io.bida.message.RefusedException;
import io.nats.client.support.Validator;
import java.util.Arrays;

/** Subjects to send to, and those to take from, which may have wildcards. */
final class NatsSubjects {

    private NatsSubjects() {}

    /**
     * A subject that a message may be sent to. What begins with a dollar sign is the server's own: a message's topic must not
     * be able to command it.
     *
     * @throws RefusedException it is none
     */
    static String toSendTo(String subject) {
        try {
            Validator.validateSubjectStrict(subject, true);
        } catch (IllegalArgumentException e) {
            throw new RefusedException("'" + subject + "' is no subject of NATS: " + e.getMessage());
        }
        if (subject.startsWith("$") || hasWildcards(subject)) {
            throw new RefusedException(
                    "'" + subject + "' is no subject to send to: it is the server's own, or has wildcards.");
        }
        return subject;
    }

    /** @throws BidaException it is none */
    static String toTakeFrom(String subject) {
        try {
            return Validator.validateSubjectStrict(subject, true);
        } catch (IllegalArgumentException e) {
            throw new BidaException("'" + subject + "' is no subject of NATS: " + e.getMessage(), e);
        }
    }

    static boolean hasWildcards(String subject) {
        return Arrays.stream(tokens(subject)).anyMatch(token -> token.equals("*") || token.equals(">"));
    }

    /** Whether what is sent to a subject is taken by one that may have wildcards. */
    static boolean takes(String pattern, String subject) {
        String[] expected = tokens(pattern);
        String[] given = tokens(subject);
        for (int i = 0; i < expected.length; i++) {
            if (expected[i].equals(">")) {
                return given.length > i;
            }
            if (i >= given.length || !(expected[i].equals("*") || expected[i].equals(given[i]))) {
                return false;
            }
        }
        return expected.length == given.length;
    }

    private static String[] tokens(String subject) {
        return subject.split("\\.", -1);
    }
}
