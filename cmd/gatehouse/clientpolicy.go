package main

import (
	"fmt"
	"io"

	"gatehouse/cmd/gatehouse/clientconfig"
)

// printClientPolicy prints what gives a client its rights.
func printClientPolicy(w io.Writer, c clientconfig.Client) error {
	if c.Role == "" {
		_, err := fmt.Fprintf(w, "# %s has no account, and needs no rights.\n", c.Name)
		return err
	}
	return nil
}
