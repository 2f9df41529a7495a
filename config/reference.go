package config

import (
	"fmt"
	"strings"
)

// Reference returns the reference page of all settings, as docs/configuration.md holds it.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Configuration

Settings come from, weakest first: defaults, ` + "`gatehouse.yaml`" + ` in the data directory, the file of ` + "`--config`" + ` (or ` + "`GATEHOUSE_CONFIG`" + `; YAML, JSON or TOML by its ending),
environment variables, flags. All problems are reported at once, by key; an unknown key is an error. In the file the
levels are nested:

` + "```yaml" + `
data: /var/lib/gatehouse
listen:
  - ldap://0.0.0.0:389
  - ldaps://0.0.0.0:636
  - ldapi:///run/gatehouse/ldapi
password:
  scheme: argon2id
limits:
  - name: replication
    dn: cn=sync,ou=services,dc=example,dc=com
    size: 0
    time: 0s
` + "```" + `

Lists in an environment variable are separated by spaces. A variable that begins with ` + "`GATEHOUSE_`" + ` and looks like a setting that is
misspelt is an error; any other is passed over, and ` + "`serve`" + ` warns of it in its log. What Kubernetes sets for a service called
` + "`gatehouse`" + ` (` + "`GATEHOUSE_PORT`, `GATEHOUSE_SERVICE_HOST`" + ` and so on) is passed over without a word.

Settings marked "reload" change on SIGHUP and when the file
changes; the others need a restart. A reload with a problem is refused as a whole, and the running settings stay.

| key | default | environment | reload | meaning |
|---|---|---|---|---|
`)
	for _, s := range Settings {
		reload := ""
		if s.Reload {
			reload = "reload"
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s |\n", display(s.Key), defaultText(s), EnvName(s.Key), reload, s.Doc)
	}
	return b.String()
}

func defaultText(s Setting) string {
	switch d := s.Default.(type) {
	case string:
		if d == "" {
			return "(empty)"
		}
		return "`" + d + "`"
	case []string:
		if len(d) == 0 {
			return "(none)"
		}
		return "`" + strings.Join(d, "` `") + "`"
	case []any:
		if len(d) == 0 {
			return "(none)"
		}
		var items []string
		for _, item := range d {
			if m, ok := item.(map[string]any); ok {
				items = append(items, fmt.Sprintf("`%v` to `%v`", m["name"], m["to"]))
			}
		}
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("`%v`", s.Default)
}

// RestartNeeded returns the keys whose values differ between two configurations and take effect only after a restart.
func RestartNeeded(before, after *Config) []string {
	a, b := before.flatten(), after.flatten()
	var keys []string
	for _, s := range Settings {
		if !s.Reload && a[s.Key] != b[s.Key] {
			keys = append(keys, display(s.Key))
		}
	}
	return keys
}
