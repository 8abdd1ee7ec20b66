package dev.tokentally.web.http;

import dev.tokentally.text.OneLine;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A query as it was sent, read strictly. */
final class QueryText {

    private QueryText() {}

    /**
     * The names of its parameters.
     *
     * @param query null if there is none
     * @return the names, decoded, in their order
     * @throws ProblemException when a name or a value is not percent-encoded UTF-8; the message names the parameter
     */
    static List<String> names(String query) {
        List<String> names = new ArrayList<>();
        for (String parameter : query == null ? new String[0] : query.split("&")) {
            if (!parameter.isEmpty()) {
                String[] nameAndValue = parameter.split("=", 2);
                String name = decode(nameAndValue[0], nameAndValue[0]);
                if (nameAndValue.length > 1) {
                    decode(nameAndValue[1], name);
                }
                names.add(name);
            }
        }
        return names;
    }

    /** JAX-RS would replace bytes that are no UTF-8 by a character that recorded names may have. */
    private static String decode(String text, String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%' && i + 2 < text.length() && isHex(text.charAt(i + 1)) && isHex(text.charAt(i + 2))) {
                bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
                i += 2;
            } else if (c == '%' || c > '~') {
                throw notReadable(name);
            } else {
                bytes.write(c == '+' ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw notReadable(name);
        }
    }

    private static boolean isHex(char c) {
        return HexFormat.isHexDigit(c);
    }

    private static ProblemException notReadable(String name) {
        return new ProblemException(
                ProblemKind.VALIDATION_ERROR, "parameter " + OneLine.of(name) + " is not percent-encoded UTF-8");
    }
}
