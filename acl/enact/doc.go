// Package enact is where the language and the evaluator meet: it turns a loaded bundle into the program that the evaluator compiles,
// asks the bundle's inline tests, changes the bundle to see whether a test notices, and compares two bundles.
//
// ${suffix} stands for every naming context, in each name by itself: a group below ${suffix} is one in any of them. What is
// disabled or a shadow is left out.
//
// Choices:
//
//  1. Tests of a bundle run with the shipped policies beside it, as the bundle would be in force; those of the shipped policies are
//     asked when nothing is given. A name that no fixture entry has can be asked about, but not act, except the operator.
//  2. Mutation removes every element. It weakens what a test is to watch however small it is: the effect, what a target excludes or
//     includes, conditions on values and time, the subject and conditions of a deny, and ceilings. Single actions, attributes and
//     conditions of an allow are left to the author: few bundles test each of them.
//  3. A difference is found from the statements alone. A gain is what is not proven to give nothing; so two ways to say the same may be
//     told as a gain and a loss, but never as nothing where something is gained. Grants of elevations, and whether an entry that is
//     named is there, are not looked at. A guard that holds less is a gain of every statement that it held.
package enact
