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

/** LangChain4j's models for Bedrock, in a class of their own, as most who ask others have no SDK of Amazon's. */
public final class BedrockClients {

    /** LangChain4j names the model that was asked, and not the one that answered. */
    private static final String MODEL = "m-1";

    private BedrockClients() {}

    /**
     * One whose answers come as a whole; public, as the class may lie in another archive than its caller.
     *
     * @param baseUrl of the provider
     * @param listeners what it tells
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
     * One whose answers come in parts; public, as the class may lie in another archive than its caller.
     *
     * @param baseUrl of the provider
     * @param listeners what it tells
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
