package dev.tokentally.web.page;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Serves the dashboard, and answers every request that is not for the API. It replaces the server's own servlet for files, so that
 * headers, entity tags and answers for missing files are the same on all servers. Mapped in web.xml. Safe for use by many threads.
 */
public class PageServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    private static final String INDEX = "/index.html";

    /**
     * Allows scripts, styles and requests only from and to this origin. Nobody may frame the page, or make it send a form
     * elsewhere.
     */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private transient Map<String, PageFile> files;

    /** Reads all files: they are small. */
    @Override
    public void init() throws ServletException {
        Map<String, PageFile> found = new HashMap<>();
        try {
            read("/", found);
        } catch (IOException e) {
            throw new ServletException(e);
        }
        files = Map.copyOf(found);
    }

    private void read(String folder, Map<String, PageFile> found) throws IOException {
        ServletContext war = getServletContext();
        Set<String> paths = Optional.ofNullable(war.getResourcePaths(folder)).orElse(Set.of());
        for (String path : paths) {
            if (path.startsWith("/WEB-INF") || path.startsWith("/META-INF")) {
                continue;
            }
            if (path.endsWith("/")) {
                read(path, found);
                continue;
            }
            Optional<String> type = PageFile.typeOf(path);
            if (type.isPresent()) {
                try (InputStream content = war.getResourceAsStream(path)) {
                    found.put(path, PageFile.of(type.get(), content.readAllBytes()));
                }
            }
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            response.setHeader("Allow", "GET, HEAD");
            say(HttpServletResponse.SC_METHOD_NOT_ALLOWED, "Only GET and HEAD are known here.", response);
            return;
        }
        if (request.getRequestURI().equals(request.getContextPath())) {
            // Without the slash at the end, the browser would look for the page's files in the wrong directory.
            response.setStatus(HttpServletResponse.SC_MOVED_PERMANENTLY);
            response.setHeader("Location", request.getContextPath() + "/");
            return;
        }
        String path = path(request);
        PageFile file = files.get(path.equals("/") ? INDEX : path);
        if (file == null) {
            say(HttpServletResponse.SC_NOT_FOUND, "There is nothing at this path.", response);
            return;
        }
        send(file, request, response);
    }

    private static String path(HttpServletRequest request) {
        return request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
    }

    private static void send(PageFile file, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        // The browser keeps the file, but asks each time whether it has changed. So after an update no old script is
        // used with a new page.
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("ETag", file.tag().text());
        String known = String.join(",", Collections.list(request.getHeaders("If-None-Match")));
        if (file.tag().isKnownTo(known)) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        response.setContentType(file.type());
        response.setContentLength(file.content().length);
        if (request.getMethod().equals("GET")) {
            response.getOutputStream().write(file.content());
        }
    }

    /** This does not use sendError, since the server would then make its own page. */
    private static void say(int status, String text, HttpServletResponse response) throws IOException {
        response.setStatus(status);
        response.setHeader("Cache-Control", "no-store");
        response.setContentType("text/plain;charset=UTF-8");
        response.getOutputStream().write((text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
