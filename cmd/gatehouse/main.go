// Command gatehouse is an LDAP directory server and the tools to run one: it makes, loads, serves, checks, saves and repairs
// a data directory.
package main

import "os"

func main() { os.Exit(run(os.Args[1:])) }
