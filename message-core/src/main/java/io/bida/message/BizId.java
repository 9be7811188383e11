package io.bida.message;

/**
 * The business identity of a message, unique within one business scene and given by the sender: scene "order-paid" and
 * value "order-42". A receiver handles each once. Compared exactly: case and trailing spaces matter.
 *
 * @param scene the business scenario, 1 to 64 characters; when it is the message's type, up to 200
 * @param value unique within the scene, 1 to 128 characters
 */
public record BizId(String scene, String value) {

    public static final int MAX_LENGTH = 128;

    public BizId {
        Text.checked("scene", scene, Message.MAX_TYPE);
        Text.checked("biz-id", value, MAX_LENGTH);
    }

    /** {@code scene:value}. */
    @Override
    public String toString() {
        return scene + ":" + value;
    }
}
