package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// sshKeyBytesMax bounds a file of keys.
const sshKeyBytesMax = 256 << 10

// readSSHKeys reads public keys as OpenSSH writes them, one a line, from a file or standard input ("-").
func readSSHKeys(cmd *cobra.Command, name string) ([]string, error) {
	in := cmd.InOrStdin()
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, sshKeyBytesMax+1))
	if err != nil {
		return nil, err
	}
	if len(text) > sshKeyBytesMax {
		return nil, fmt.Errorf("%s: more than %d bytes of keys", name, sshKeyBytesMax)
	}
	if bytes.Contains(text, []byte("PRIVATE KEY-----")) {
		return nil, fmt.Errorf("%s is a private key, which nobody else should have; give the file that ends in .pub", name)
	}
	var keys []string
	line := 0
	for l := range strings.Lines(string(text)) {
		line++
		if l = strings.TrimSpace(l); l == "" || l[0] == '#' {
			continue
		}
		if _, ok := keyBlob(l); !ok {
			return nil, fmt.Errorf("%s:%d: no public key as OpenSSH writes it (TYPE BASE64 COMMENT)", name, line)
		}
		keys = append(keys, l)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s: no public key in it", name)
	}
	return keys, nil
}

// keyBlob returns the binary form of a public key (RFC 4253 section 6.6), whose first string is the type of the key.
func keyBlob(key string) ([]byte, bool) {
	fields := strings.Fields(key)
	if len(fields) < 2 {
		return nil, false
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || len(blob) < 4 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint32(blob))
	return blob, n == len(fields[0]) && len(blob) >= 4+n && string(blob[4:4+n]) == fields[0]
}

// keyFingerprint returns what ssh-keygen -l prints of a key.
func keyFingerprint(key string) string {
	blob, ok := keyBlob(key)
	if !ok {
		return ""
	}
	sum := sha256.Sum256(blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// keyComment returns the comment of a key.
func keyComment(key string) string {
	if fields := strings.SplitN(strings.TrimSpace(key), " ", 3); len(fields) == 3 {
		return strings.TrimSpace(fields[2])
	}
	return ""
}

// shortKey returns type, fingerprint and comment of a key.
func shortKey(key string) string {
	kind, _, _ := strings.Cut(strings.TrimSpace(key), " ")
	fingerprint := keyFingerprint(key)
	if fingerprint == "" {
		fingerprint = "(not readable)"
	}
	return strings.TrimSpace(kind + " " + fingerprint + " " + keyComment(key))
}

// keysMatching returns those of some keys that a text stands for: the whole key, its fingerprint or its comment.
func keysMatching(keys []string, text string) []string {
	var found []string
	for _, key := range keys {
		if key == text || keyFingerprint(key) == text || keyComment(key) == text {
			found = append(found, key)
		}
	}
	return found
}
