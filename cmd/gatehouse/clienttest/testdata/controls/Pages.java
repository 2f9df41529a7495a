import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import javax.naming.ldap.Control;
import javax.naming.ldap.InitialLdapContext;
import javax.naming.ldap.PagedResultsControl;
import javax.naming.ldap.PagedResultsResponseControl;
import javax.naming.ldap.SortControl;
import javax.naming.ldap.SortResponseControl;

/** Pages in the order of uid, which has no ordering rule, as JNDI asks for them: both controls critical, and ManageDsaIT beside. */
public class Pages {
  public static void main(String[] args) throws Exception {
    Hashtable<String, String> env = new Hashtable<>();
    env.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
    env.put(Context.PROVIDER_URL, args[0] + "/" + args[1]);
    env.put(Context.SECURITY_AUTHENTICATION, "simple");
    env.put(Context.SECURITY_PRINCIPAL, args[2]);
    env.put(Context.SECURITY_CREDENTIALS, args[3]);
    InitialLdapContext conn = new InitialLdapContext(env, null);
    byte[] cookie = null;
    int n = 0;
    String last = "";
    boolean ordered = true;
    boolean sorted = true;
    do {
      conn.setRequestControls(new Control[] {
        new PagedResultsControl(126, cookie, Control.CRITICAL), new SortControl("uid", Control.CRITICAL)});
      NamingEnumeration<SearchResult> found =
          conn.search("", "(uid=u*)", new SearchControls(SearchControls.SUBTREE_SCOPE, 0, 0, new String[] {"uid"}, false, false));
      while (found.hasMore()) {
        String uid = (String) found.next().getAttributes().get("uid").get();
        ordered = ordered && last.compareTo(uid) < 0;
        last = uid;
        n++;
      }
      cookie = null;
      for (Control answer : conn.getResponseControls()) {
        if (answer instanceof PagedResultsResponseControl) {
          cookie = ((PagedResultsResponseControl) answer).getCookie();
        }
        if (answer instanceof SortResponseControl) {
          sorted = sorted && ((SortResponseControl) answer).isSorted();
        }
      }
    } while (cookie != null && cookie.length > 0);
    System.out.println("pages " + n + " " + ordered + " " + sorted);
  }
}
