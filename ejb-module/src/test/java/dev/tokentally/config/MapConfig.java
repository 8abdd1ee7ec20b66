package dev.tokentally.config;

import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.Converter;

/** A configuration that is a map of texts. */
public final class MapConfig implements Config {

    private final Map<String, String> values;
    private final Map<String, String> raw;
    private final List<ConfigSource> sources;

    public MapConfig(Map<String, String> values) {
        this(values, values, List.of());
    }

    /** Has values that are made of others, and these sources. */
    MapConfig(Map<String, String> values, Map<String, String> raw, List<ConfigSource> sources) {
        this.values = values;
        this.raw = raw;
        this.sources = sources;
    }

    @Override
    public <T> Optional<T> getOptionalValue(String key, Class<T> type) {
        return Optional.ofNullable(values.get(key)).map(type::cast);
    }

    @Override
    public <T> T getValue(String key, Class<T> type) {
        return getOptionalValue(key, type).orElseThrow(() -> new NoSuchElementException(key));
    }

    @Override
    public Iterable<String> getPropertyNames() {
        return values.keySet();
    }

    @Override
    public ConfigValue getConfigValue(String key) {
        return new Value(key, values.get(key), raw.get(key));
    }

    @Override
    public Iterable<ConfigSource> getConfigSources() {
        return sources;
    }

    @Override
    public <T> Optional<Converter<T>> getConverter(Class<T> type) {
        return Optional.empty();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        throw new IllegalArgumentException(type.getName());
    }

    private record Value(String getName, String getValue, String getRawValue) implements ConfigValue {

        @Override
        public String getSourceName() {
            return "map";
        }

        @Override
        public int getSourceOrdinal() {
            return 100;
        }
    }
}
