package io.bida.inbox;

import io.bida.message.Message;
import io.bida.message.RefusedException;
import java.util.function.Function;

/**
 * Which state of which entity a message tells of; see {@link Inbox#newerOnly(Function, Handler)}.
 *
 * @param entity named by the business, such as {@code order/42}; compared exactly; 1 to 200 characters
 * @param version grows with each change of the entity, not necessarily by one
 */
public record EntityVersion(String entity, long version) {

    public static final int MAX_ENTITY = 200;

    public EntityVersion {
        int length = entity.codePointCount(0, entity.length());
        if (length < 1 || length > MAX_ENTITY) {
            throw new RefusedException("An entity is named by 1 to " + MAX_ENTITY + " characters, not " + length + ".");
        }
        if (entity.codePoints().anyMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE)) {
            throw new RefusedException("The name of an entity contains a null character or half of a surrogate pair.");
        }
    }

    /**
     * Reads the version from a header of the message, as a whole number.
     *
     * @throws RefusedException when the header is missing or no whole number
     */
    public static EntityVersion fromHeader(Message message, String header, String entity) {
        String value = message.headers().get(header);
        try {
            return new EntityVersion(entity, Long.parseLong(String.valueOf(value)));
        } catch (NumberFormatException e) {
            throw new RefusedException("The header '" + header + "' of " + message.bizId()
                    + (value == null ? " is missing" : " is no whole number") + "; it is to tell the version of '"
                    + entity
                    + "'.");
        }
    }
}
