"""Searches by pages with ldap3, which keeps the cookie and checks the answers by the schema."""
import sys

import ldap3

host, base, who, password = sys.argv[1:]
conn = ldap3.Connection(ldap3.Server(host, get_info=ldap3.ALL), who, password, auto_bind=True)
print("advertised", all(any(c[0] == oid for c in conn.server.info.supported_controls) for oid in [
    "1.2.840.113556.1.4.319", "1.2.840.113556.1.4.473", "1.2.826.0.1.3344810.2.3", "1.3.6.1.4.1.4203.666.5.16"]))
print("pages", len({e["dn"] for e in conn.extend.standard.paged_search(base, "(uid=u*)", attributes=["uid"], paged_size=126, generator=True)}))
conn.search(base, "(uid=u*)", attributes=["uid"], paged_size=5)
cookie = conn.result["controls"]["1.2.840.113556.1.4.319"]["value"]["cookie"]
conn.search(base, "(uid=v*)", attributes=["uid"], paged_size=5, paged_cookie=cookie)
print("another search", conn.result["description"])
conn.search(base, "(uid=u*)", attributes=["uid"], paged_size=0, paged_cookie=cookie)
print("ended", conn.result["description"], len(conn.entries))
