package dev.tokentally.web.model;

import dev.langchain4j.http.client.jdk.JdkHttpClient;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * An OpenAI-compatible provider, as it is configured.
 *
 * @param baseUrl the URL below which it has {@code chat/completions}
 * @param apiKey empty for a server that wants none
 * @param model the model's name
 * @param timeout how long to wait for a whole answer
 */
record Provider(URI baseUrl, Optional<String> apiKey, String model, Duration timeout) {

    private static final String OPENAI_HOST = "api.openai.com";

    /**
     * The provider that the settings name.
     *
     * @return the provider; empty if they name none
     * @throws InvalidSettingException when one is not allowed or missing beside the others; the message names it, and quotes
     *     neither key nor URL
     */
    static Optional<Provider> in(Config config) {
        String baseUrl = Setting.LLM_BASE_URL.in(config);
        String apiKey = Setting.LLM_API_KEY.in(config);
        String model = Setting.LLM_MODEL.in(config);
        Duration timeout = Setting.LLM_TIMEOUT.in(config);
        if (baseUrl == null && apiKey == null && model == null) {
            return Optional.empty();
        }
        if (baseUrl == null) {
            throw missing(Setting.LLM_BASE_URL, apiKey == null ? Setting.LLM_MODEL : Setting.LLM_API_KEY);
        }
        if (model == null) {
            throw missing(Setting.LLM_MODEL, Setting.LLM_BASE_URL);
        }
        return Optional.of(
                new Provider(url(baseUrl), Optional.ofNullable(apiKey).map(Provider::key), model, timeout));
    }

    private static InvalidSettingException missing(Setting<?> setting, Setting<?> beside) {
        return new InvalidSettingException(
                setting.key(), "(nothing, although " + beside.key() + " is set)", setting.allowed());
    }

    private static URI url(String value) {
        try {
            URI url = new URI(value);
            String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
            if (!scheme.equals("http") && !scheme.equals("https")) {
                throw notAllowed(Setting.LLM_BASE_URL, "it does not begin with http:// or https://");
            }
            if (url.getHost() == null) {
                throw notAllowed(Setting.LLM_BASE_URL, "it names no host");
            }
            if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
                throw notAllowed(Setting.LLM_BASE_URL, "it has a user, a query or a fragment");
            }
            if (url.getPort() == 0 || url.getPort() > 65_535) {
                throw notAllowed(Setting.LLM_BASE_URL, "its port is none");
            }
            return url;
        } catch (URISyntaxException malformed) {
            throw notAllowed(Setting.LLM_BASE_URL, "it is no URL");
        }
    }

    /** The key goes into a header as it is. */
    private static String key(String value) {
        if (!value.matches("[!-~]+")) {
            throw notAllowed(Setting.LLM_API_KEY, "it has a character that is not allowed");
        }
        return value;
    }

    private static InvalidSettingException notAllowed(Setting<?> setting, String why) {
        return new InvalidSettingException(setting.key(), "(not shown; " + why + ")", setting.allowed());
    }

    /**
     * Its name in records.
     *
     * @return empty if nothing is known except that it speaks OpenAI's protocol
     */
    String name() {
        return OPENAI_HOST.equalsIgnoreCase(baseUrl.getHost()) ? "openai" : "";
    }

    /** Whether a key is sent unencrypted to another machine. */
    boolean sendsKeyInTheClear() {
        String host = baseUrl.getHost();
        boolean here = host.equalsIgnoreCase("localhost") || host.startsWith("127.") || host.equals("[::1]");
        return apiKey.isPresent() && baseUrl.getScheme().equalsIgnoreCase("http") && !here;
    }

    /**
     * The model object that asks the provider. It makes no retries, so that each attempt is a recorded call, and it never logs what
     * it sends. The HTTP client is set here, since otherwise the class loader of the first thread would look it up. The client does
     * not offer HTTP/2 in a plain HTTP request, since a local server may not understand that.
     */
    ChatModel chatModel() {
        return OpenAiChatModel.builder()
                .httpClientBuilder(JdkHttpClient.builder()
                        .httpClientBuilder(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)))
                .baseUrl(baseUrl.toString())
                .apiKey(apiKey.orElse(null))
                .modelName(model)
                .timeout(timeout)
                .maxRetries(0)
                .logRequests(false)
                .logResponses(false)
                .build();
    }

    /** The text does not contain the key. */
    @Override
    public String toString() {
        return model + " at " + baseUrl + (apiKey.isPresent() ? " with an API key" : " without an API key");
    }
}
