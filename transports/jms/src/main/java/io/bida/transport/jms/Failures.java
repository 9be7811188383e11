package io.bida.transport.jms;

import io.bida.transport.Receipt;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionRolledBackException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a provider's exception says of the message that it was thrown for. */
final class Failures {

    /** In addresses of brokers, which some providers show. */
    private static final Pattern SECRET = Pattern.compile("(?i)(password=)[^&\\s)]*");

    /** How ActiveMQ Classic writes the XA error codes of rollbacks. */
    private static final Pattern ROLLED_BACK = Pattern.compile("xaErrorCode:10[0-7]\\b");

    private Failures() {}

    /** @param mayBeTaken whether the message may have been taken all the same */
    static Receipt receipt(Exception failure, boolean mayBeTaken) {
        if (isDuplicate(failure)) {
            return new Receipt.Accepted("The broker had it already.");
        }
        if (mayBeTaken) {
            return new Receipt.Unknown("It may have been taken: " + text(failure));
        }
        return isMalformed(failure) ? new Receipt.Rejected(text(failure)) : new Receipt.Failed(text(failure));
    }

    /** Whether a commit that ended so has certainly taken nothing. */
    static boolean isRollback(Exception failure) {
        return failure instanceof TransactionRolledBackException
                || failure instanceof InvalidDestinationException
                || failure instanceof JMSSecurityException
                || failure instanceof ResourceAllocationException
                || failure instanceof MessageFormatException
                || ROLLED_BACK.matcher(text(failure)).find()
                || isCausedBy(failure, "DoesNotExist")
                || isDuplicate(failure);
    }

    /** Whether the provider's client has waited in vain, so that the failure is no answer of the broker's. */
    static boolean isTimeOut(Exception failure) {
        return isCausedBy(failure, "TimedOut") || isCausedBy(failure, "Timeout");
    }

    /** The provider's sentence, with what is at its root where that says more; without secrets. */
    static String text(Exception failure) {
        String message = failure.getMessage();
        String told = message == null ? failure.getClass().getSimpleName() : message;
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = root.getMessage();
        String all = reason == null || told.contains(reason) ? told : told + ": " + reason;
        return SECRET.matcher(all).replaceAll("$1***");
    }

    /** Artemis rolls the transaction of a message back that it has already. */
    private static boolean isDuplicate(Exception failure) {
        return "DUPLICATE_ID_REJECTED".equals(code(failure)) || isCausedBy(failure, "DuplicateId");
    }

    /** Too large for ActiveMQ Classic, or not to be written at all. */
    private static boolean isMalformed(Exception failure) {
        return failure instanceof MessageFormatException || isCausedBy(failure, "MaxFrameSizeExceeded");
    }

    private static String code(Exception failure) {
        return failure instanceof JMSException jms ? String.valueOf(jms.getErrorCode()) : "";
    }

    /** By a part of its name: a provider's own classes are not on this class path. */
    private static boolean isCausedBy(Exception failure, String name) {
        return Stream.<Throwable>iterate(failure, each -> each != null, Throwable::getCause)
                .anyMatch(each -> each.getClass().getSimpleName().contains(name));
    }
}
