package dev.tokentally.it.customer.chat;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;

/** A tool that models may call. */
public class Weather {

    /** Returns the weather. */
    @Tool
    public String weather(@P("city") String city) {
        return "dry in " + city;
    }
}
