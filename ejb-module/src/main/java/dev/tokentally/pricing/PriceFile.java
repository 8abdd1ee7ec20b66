package dev.tokentally.pricing;

import dev.tokentally.text.PathFault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Reads a file of prices. A JSON object is LiteLLM's format, a JSON list is genai-prices' format, and anything else is
 * our own format.
 */
final class PriceFile {

    /**
     * The largest file, about ten times the size of LiteLLM's. Reading a file needs ten times its size in memory for a
     * moment, and servers start with little memory.
     */
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    private PriceFile() {}

    static PriceBook read(String name) throws PriceFileException {
        Path file;
        try {
            file = Path.of(name);
        } catch (InvalidPathException e) {
            throw new PriceFileException("this is not a file name: " + PathFault.of(e));
        }
        // Reading a pipe or a device could block the start.
        if (!Files.isRegularFile(file)) {
            throw new PriceFileException("there is no such file; a relative name begins at "
                    + Path.of("").toAbsolutePath());
        }
        try (InputStream in = Files.newInputStream(file)) {
            checkSize(Files.size(file));
            return read(in);
        } catch (IOException e) {
            throw new PriceFileException("it cannot be read: " + e.getClass().getSimpleName());
        }
    }

    static PriceBook read(InputStream in) throws IOException, PriceFileException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        checkSize(bytes.length);
        String text = decode(bytes);
        String begin = text.stripLeading();
        if (begin.startsWith("{")) {
            return LiteLlmPrices.parse(text);
        }
        return begin.startsWith("[") ? GenaiPrices.parse(text) : CsvPrices.parse(text);
    }

    private static void checkSize(long bytes) throws PriceFileException {
        if (bytes > MAX_BYTES) {
            throw new PriceFileException(
                    "it has " + bytes + " bytes, more than the allowed " + MAX_BYTES + " (16 MiB)");
        }
    }

    private static String decode(byte[] bytes) throws PriceFileException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (text.indexOf('\0') >= 0) {
                throw new PriceFileException("it is not in UTF-8: it may be in UTF-16");
            }
            // Spreadsheets put a byte order mark before UTF-8 text.
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new PriceFileException("it is not in UTF-8");
        }
    }
}
