package dev.tokentally.scope;

/**
 * Says what is known of the current caller's calls beside the tenant. An application brings its own bean, in the EJB module or in
 * a WAR; without one, scopes have what they inherit:
 *
 * <pre>{@code
 * @ApplicationScoped
 * class LoggedInUser implements CallAttributesResolver {
 *     public CallAttributes currentAttributes() { return new CallAttributes(login.name(), login.session(), null, null); }
 * }
 * }</pre>
 *
 * <p>Asked for each scope of {@link LlmOperation}, on the thread that enters it. Nothing that it gives or throws makes a call fail: a
 * value that cannot be recorded is left out, and one WARNING in the log says which.
 */
public interface CallAttributesResolver {

    /**
     * The attributes of the current caller's calls.
     *
     * @return the attributes; null where there are none
     */
    CallAttributes currentAttributes();
}
