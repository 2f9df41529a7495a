// Package account decides about passwords and accounts after draft-behera-ldap-password-policy-10. It is pure: a policy, the state of
// one account, a time and what happens go in, a [Decision] comes out, and nothing else is looked at. Results of binds, the response
// controls, the texts for people and the log are all made of that one decision.
//
// Order of a bind: [Look] before the password is tried, which also says how many guesses may be tried at the same time; then, of
// what came out, [Wrong], [Right] or [RightForChange]. Only an account that Look lets pass has its password tried; all others cost
// one hash and get the same answer. A change of a password is decided by [DecideChange].
package account
