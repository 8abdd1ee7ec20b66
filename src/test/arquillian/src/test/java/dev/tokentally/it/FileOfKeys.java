package dev.tokentally.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** A customer's own source of MicroProfile Config. A file has the API keys, as a secret store would. */
public final class FileOfKeys implements ConfigSource {

    private static final String KEYS = "tokentally.api-keys";
    /** The resource that names the file. */
    static final String WHERE = "file-of-keys";

    @Override
    public Set<String> getPropertyNames() {
        return Set.of(KEYS);
    }

    @Override
    public String getValue(String name) {
        if (!name.equals(KEYS)) {
            return null;
        }
        try (InputStream where = FileOfKeys.class.getResourceAsStream("/" + WHERE)) {
            return Files.readString(Path.of(new String(where.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String getName() {
        return "a file of API keys";
    }

    /** The ordinal is above that of the system property with which the tests' servers start. */
    @Override
    public int getOrdinal() {
        return 500;
    }
}
