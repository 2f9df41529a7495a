//go:build !race

package dit_test

const raceEnabled = false
