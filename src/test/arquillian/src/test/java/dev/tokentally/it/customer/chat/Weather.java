package dev.tokentally.it.customer.chat;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;

/** A tool that models may ask for. */
public class Weather {

    /** What it is like. */
    @Tool
    public String weather(@P("city") String city) {
        return "dry in " + city;
    }
}
