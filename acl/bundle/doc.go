// Package bundle is the language.
package bundle
