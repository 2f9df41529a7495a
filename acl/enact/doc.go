// Package enact turns a loaded bundle into the program that the evaluator compiles, and asks the bundle's inline tests.
//
// ${suffix} stands for every naming context, in each name by itself: a group below ${suffix} is one in any of them. What is
// disabled or a shadow is left out.
package enact
