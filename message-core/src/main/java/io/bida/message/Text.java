package io.bida.message;

/** The rules that every text attribute keeps, so that each database and transport can carry it unchanged. */
final class Text {

    private Text() {}

    /** Refuses a text that is empty, longer than the limit in characters (code points), or cannot be carried. */
    static String checked(String name, String value, int limit) {
        if (value.isEmpty()) {
            throw new RefusedException("The " + name + " is empty; nothing was written.");
        }
        return checkedOrEmpty(name, value, limit);
    }

    static String checkedOrEmpty(String name, String value, int limit) {
        int length = value.codePointCount(0, value.length());
        if (length > limit) {
            throw new RefusedException("The " + name + " has " + length + " characters, at most " + limit
                    + " are allowed; it would not be truncated, so nothing was written: '" + shown(value) + "'.");
        }
        if (value.indexOf('\0') >= 0) {
            throw new RefusedException(
                    "The " + name + " contains a null character, which not every database can store; nothing was"
                            + " written: '" + shown(value) + "'.");
        }
        if (hasLoneSurrogate(value)) {
            throw new RefusedException("The " + name + " contains half of a surrogate pair, which has no UTF-8 form;"
                    + " nothing was written: '" + shown(value) + "'.");
        }
        return value;
    }

    private static boolean hasLoneSurrogate(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                // Rare enough to be left to the slower and simpler way.
                return value.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
            }
        }
        return false;
    }

    /** The beginning of a value, safe to print in one line. */
    static String shown(String value) {
        String head = value.length() <= 60 ? value : value.substring(0, 60) + "...";
        return head.replaceAll("\\p{Cntrl}", "?");
    }
}
