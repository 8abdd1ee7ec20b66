/** What langchain4j-cdi has and the tests need. */
package dev.langchain4j.cdi.spi;
