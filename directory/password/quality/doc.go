// Package quality says how well a password withstands guessing: a score from 0 to 4, and the reasons for a low one in plain
// sentences that may be shown to the person who chose it.
//
// The score follows the model of zxcvbn (Wheeler, USENIX Security 2016): a password is cut into pieces that a guesser knows -
// frequent passwords and words, names, what stands in the user's own entry, dates, rows of keys, repeats, sequences - so that the
// number of guesses for the whole is smallest. Look-alikes (p4$$w0rd) and reversal are seen through.
//
//	score  guesses below  what it withstands
//	0      10^3           nothing
//	1      10^6           a guesser who is slowed down at the login
//	2      10^8           a guesser who is not slowed down
//	3      10^10          a fast guesser with a stolen slow hash
//	4      -              the same, with much hardware
//
// A password that stands in a list of breached ones scores 0. Such a list is read where it lies: a file of SHA-1 sums of 40 digits
// that is sorted, as "Have I Been Pwned" publishes it, is searched by bisection and never loaded.
//
// Rules that hold for every input:
//
//  1. The same password and the same words give the same answer.
//  2. Work is bounded: passwordBytesMax bytes are looked at, windowBytesMax at a time, against wordsMax words of the user's own.
//  3. Nothing of a password or of a word is kept, logged or part of a reason or an error.
//
// The package imports nothing else of the product.
package quality
