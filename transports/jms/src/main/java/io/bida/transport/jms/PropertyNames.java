package io.bida.transport.jms;

import io.bida.message.RefusedException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Any header name as a part of a Java identifier, which the name of a JMS property must be: letters and digits stay, an
 * underscore becomes two, and every other character an underscore and its code in two hexadecimal digits; {@code X-Name}
 * is {@code X_2DName}.
 */
final class PropertyNames {

    private static final Pattern TO_ENCODE = Pattern.compile("[^0-9A-Za-z]");
    private static final Pattern ENCODED = Pattern.compile("_(_|[0-9A-F]{2})?");

    private PropertyNames() {}

    /** @param name an HTTP token, so ASCII */
    static String encode(String name) {
        return TO_ENCODE
                .matcher(name)
                .replaceAll(found -> found.group().equals("_")
                        ? "__"
                        : String.format("_%02X", (int) found.group().charAt(0)));
    }

    static String decode(String encoded) {
        return ENCODED.matcher(encoded).replaceAll(found -> {
            String code = found.group(1);
            if (code == null) {
                throw new RefusedException("The property name " + encoded
                        + " is not encoded as Bida does it: _ is followed by _ or two hexadecimal digits.");
            }
            return Matcher.quoteReplacement(code.equals("_") ? "_" : String.valueOf((char) Integer.parseInt(code, 16)));
        });
    }
}
