package main

import (
	"bytes"
	_ "embed" // sample.ldif
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/config"
	"gatehouse/directory"
	"gatehouse/directory/ldif"
	"gatehouse/directory/password"
)

//go:embed sample.ldif
var sampleLDIF []byte

// devBase is the base of the sample data.
const devBase = "dc=example,dc=com"

// devRoles are who of the sample data has a role: DNs below the base, by the group below ou=roles.
var devRoles = map[string]string{
	"app-lookup": "cn=app,ou=services", "sssd-hosts": "cn=sssd,ou=services", "helpdesk": "uid=quinn,ou=people", "hr": "uid=olga,ou=people",
}

// devSettings fills in the flags of serve --dev that were not given, unless the environment or a configuration says them.
func devSettings(flags map[string]any) error {
	if os.Getenv("GATEHOUSE_CONFIG") != "" {
		return nil
	}
	data, ok := flags["data"].(string)
	if !ok {
		if data = os.Getenv("GATEHOUSE_DATA"); data == "" {
			data = "gatehouse-data"
			flags["data"] = data
		}
	}
	if _, ok := flags["listen"]; ok || os.Getenv("GATEHOUSE_LISTEN") != "" {
		return nil
	}
	listen := []string{"ldap://127.0.0.1:3389", "ldaps://127.0.0.1:3636"}
	abs, err := filepath.Abs(data)
	if err != nil {
		return err
	}
	if path := filepath.Join(abs, "ldapi"); len(path) <= socketPathMax {
		listen = append(listen, "ldapi://"+url.PathEscape(path))
	}
	flags["listen"] = listen
	return nil
}

// prepareDev makes the sample data if there is none, and returns what tells people how to reach it.
func prepareDev(cmd *cobra.Command, cfg *config.Config, dir dataDir) (hello func(addresses []string), err error) {
	has, err := dir.hasStore()
	if err != nil {
		return nil, err
	}
	secret := ""
	if !has {
		made := password.Generate()
		defer made.Clear()
		secret = string(made.Bytes())
		plan, err := planInit(cmd.Context(), cfg, devBase, "", made.Bytes())
		if err != nil {
			return nil, err
		}
		plan.made = false
		for _, group := range plan.records {
			if holder := devRoles[strings.TrimSuffix(strings.TrimPrefix(group.DN, "cn="), ",ou=roles,"+devBase)]; holder != "" {
				group.Attributes = append(group.Attributes, directory.PartialAttribute{
					Attr: "member", Values: [][]byte{[]byte(holder + "," + devBase)},
				})
			}
		}
		for rec, err := range ldif.NewReader(bytes.NewReader(sampleLDIF), ldif.Options{}).All() {
			if err != nil {
				return nil, fmt.Errorf("sample data: %w", err)
			}
			plan.records = append(plan.records, rec.Clone())
		}
		certificate := func() error {
			_, err := serverCertificate{dir: dir.tls(), host: cfg.ServerName}.ensure(time.Now())
			return err
		}
		if _, err := makeData(cmd.Context(), cfg, dir, plan, certificate); err != nil {
			return nil, err
		}
	}
	return func(addresses []string) { sayHello(cmd, dir, secret, addresses) }, nil
}

// sayHello prints how to reach the server, in lines that work when they are pasted.
func sayHello(cmd *cobra.Command, dir dataDir, secret string, addresses []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "\nGatehouse serves the sample data in %s.\n\n", dir)
	bind := "-D cn=admin," + devBase + " -W"
	if secret != "" {
		fmt.Fprintf(&b, "  administrator  cn=admin,%s\n  password       %s   (shown once; 'gatehouse recover --data %s' makes another)\n", devBase, secret, dir)
		bind = "-D cn=admin," + devBase + " -w " + secret
	} else {
		fmt.Fprintf(&b, "  administrator  cn=admin,%s   (forgotten the password? gatehouse recover --data %s)\n", devBase, dir)
	}
	fmt.Fprintf(&b, "  people         uid=alice,ou=people,%s and 19 others, each with the password NAME-secret\n", devBase)
	fmt.Fprintf(&b, "  with a role    cn=app and cn=sssd in ou=services look up, uid=quinn is the helpdesk, uid=olga HR: groups in ou=roles\n\nTry:\n\n")
	ca := "LDAPTLS_CACERT=" + shellQuote(filepath.Join(dir.tls(), "ca.pem"))
	for _, a := range addresses {
		switch scheme, _, _ := strings.Cut(a, ":"); scheme {
		case "ldap":
			fmt.Fprintf(&b, "  ldapsearch -x -H %s %s -b %s '(uid=alice)'\n", a, bind, devBase)
			fmt.Fprintf(&b, "  ldapwhoami -x -H %s -D uid=alice,ou=people,%s -w alice-secret\n", a, devBase)
			fmt.Fprintf(&b, "  ldapsearch -x -H %s -D cn=app,ou=services,%s -w app-secret -b %s '(uid=alice)' mail memberOf   # by policy\n", a, devBase, devBase)
			fmt.Fprintf(&b, "  %s ldapsearch -x -ZZ -H %s %s -b %s '(cn=staff)'\n", ca, a, bind, devBase)
		case "ldaps":
			fmt.Fprintf(&b, "  %s ldapsearch -x -H %s %s -b %s '(memberOf=cn=staff,ou=groups,%s)' uid memberOf\n", ca, a, bind, devBase, devBase)
		case "ldapi":
			fmt.Fprintf(&b, "  ldapsearch -Q -Y EXTERNAL -H %s -b %s '(objectClass=groupOfNames)' cn member\n", a, devBase)
		}
	}
	fmt.Fprintf(&b, "\nStop it with Ctrl-C; the data stay. Remove %s to begin anew.\n\n", dir)
	fmt.Fprint(cmd.OutOrStdout(), b.String())
}

// shellQuote quotes a word for a shell where it needs it.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return !strings.ContainsRune("/._-+:@%,=", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if strings.IndexFunc(s, plain) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
