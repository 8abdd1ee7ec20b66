package dev.tokentally.langchain4j.providers;

import dev.langchain4j.model.bedrock.BedrockChatModel;
import dev.langchain4j.model.bedrock.BedrockStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import java.net.URI;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * LangChain4j's models for Bedrock. They have a class of their own, because most tests of other providers do not have
 * Amazon's SDK.
 */
public final class BedrockClients {

    /** LangChain4j gives the model that was asked, and not the one that answered. */
    private static final String MODEL = "m-1";

    private BedrockClients() {}

    /**
     * A model whose answers come as a whole. It is public, because its caller may be in another archive.
     *
     * @param baseUrl of the provider
     * @param listeners the listeners of the model
     * @return the model
     */
    public static ChatModel ordinary(String baseUrl, List<ChatModelListener> listeners) {
        return BedrockChatModel.builder()
                .client(BedrockRuntimeClient.builder()
                        .endpointOverride(URI.create(baseUrl))
                        .region(Region.US_EAST_1)
                        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("k", "k")))
                        .httpClient(UrlConnectionHttpClient.create())
                        .build())
                .modelId(MODEL)
                .maxRetries(0)
                .listeners(listeners)
                .build();
    }

    /**
     * A model whose answers come in parts. It is public, because its caller may be in another archive.
     *
     * @param baseUrl of the provider
     * @param listeners the listeners of the model
     * @return the model
     */
    public static StreamingChatModel streaming(String baseUrl, List<ChatModelListener> listeners) {
        return BedrockStreamingChatModel.builder()
                .client(BedrockRuntimeAsyncClient.builder()
                        .endpointOverride(URI.create(baseUrl))
                        .region(Region.US_EAST_1)
                        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("k", "k")))
                        .httpClient(NettyNioAsyncHttpClient.builder()
                                .protocol(Protocol.HTTP1_1)
                                .build())
                        .build())
                .modelId(MODEL)
                .listeners(listeners)
                .build();
    }
}
