/** The dashboard. Its files run in a browser and get all their data from the API. */
package dev.tokentally.web.page;
