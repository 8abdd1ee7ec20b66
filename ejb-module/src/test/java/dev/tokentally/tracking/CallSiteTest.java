package dev.tokentally.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.tracking.CallSite.Frame;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The place of a call without a scope")
class CallSiteTest {

    private static final Frame DECORATOR = frame("dev.tokentally.tracking.TrackingLlmDecorator", "complete");
    private static final Frame SUBCLASS = frame("com.acme.Llm$Proxy$_$$_WeldSubclass", "complete");
    private static final Frame PROXY = frame("com.acme.Llm$Proxy$_$$_WeldClientProxy", "complete");
    private static final Frame CALLER = new Frame("com.acme.Shop", "buy", "Shop.java", 42);

    @Test
    @DisplayName("names the bean that Weld decorates, and the application's line behind Weld's proxies")
    void port() {
        assertThat(CallSite.ofPort(List.of(
                        DECORATOR,
                        SUBCLASS,
                        frame("org.jboss.weld.bean.proxy.ProxyMethodHandler", "invoke"),
                        PROXY,
                        CALLER)))
                .isEqualTo("the bean com.acme.Llm was called by com.acme.Shop.buy(Shop.java:42)");
    }

    @Test
    @DisplayName("ignores an interceptor of the application around the bean")
    void interceptor() {
        assertThat(CallSite.ofPort(
                        List.of(DECORATOR, SUBCLASS, frame("com.acme.Timing", "around"), SUBCLASS, PROXY, CALLER)))
                .endsWith("by com.acme.Shop.buy(Shop.java:42)");
    }

    @Test
    @DisplayName("ignores the classes that the servers generate for session beans")
    void sessionBean() {
        assertThat(CallSite.caller(List.of(
                        frame("com.acme.LlmPort$$$view12", "complete"),
                        frame("com.acme.__EJB31_Generated__Llm__Intf____Bean__", "complete"),
                        frame("jdk.proxy3.$Proxy99", "complete"),
                        CALLER)))
                .isEqualTo("com.acme.Shop.buy(Shop.java:42)");
    }

    @Test
    @DisplayName("names as much as is known")
    void unknown() {
        assertThat(CallSite.ofPort(List.of(DECORATOR, frame("java.lang.Thread", "run"))))
                .startsWith("an LlmPort was called by no code of the application's on the thread ");
        assertThat(CallSite.caller(List.of(new Frame("com.acme.Shop", "buy", null, -1))))
                .isEqualTo("com.acme.Shop.buy(unknown source)");
    }

    private static Frame frame(String type, String method) {
        return new Frame(type, method, "Generated.java", 1);
    }
}
