package dev.tokentally.langchain4j;

import dev.tokentally.llm.BilledFailure;

/** An answer that LangChain4j did not use, for example since it asked again. The exception of the call suppresses it. */
final class EarlierAnswer extends UnusableAnswerException implements BilledFailure.Earlier {

    private static final long serialVersionUID = 1L;

    EarlierAnswer(KnownUsage known) {
        super("The provider may charge for an answer that LangChain4j did not use", known, null);
    }
}
