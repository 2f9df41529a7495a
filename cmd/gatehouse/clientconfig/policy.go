package clientconfig

import (
	"bytes"
	"embed"
	"text/template"
)

//go:embed policies/*.yaml.tmpl
var policies embed.FS

// Policy makes the policy document that a client needs beside its role; nil if the role is all. Without a base it is for every
// naming context.
func Policy(c Client, base, bindDN string) ([]byte, error) {
	text, err := policies.ReadFile("policies/" + c.Name + ".yaml.tmpl")
	if err != nil {
		return nil, nil // most have none
	}
	if base == "" {
		base = "${suffix}"
	}
	if bindDN == "" {
		bindDN = AccountDN(c, base)
	}
	t, err := template.New(c.Name).Funcs(quoting).Parse(string(text))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, Params{Base: base, BindDN: bindDN})
	return b.Bytes(), err
}

// AccountDN is the name of a client's account, unless another was chosen.
func AccountDN(c Client, base string) string { return "cn=" + c.Name + ",ou=services," + base }
