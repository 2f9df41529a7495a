// Package ldapserver serves LDAPv3 (RFC 4511) over TCP, TLS and local sockets: connections, the order of operations
// on them, and one file for each operation. What an operation does is the [Backend]'s business.
//
// # The order of operations on one connection
//
//  1. One goroutine reads. Searches whose plan is bounded, compares and small answers run on it, in order.
//  2. Writes go to the connection's queue and run one after the other, while the reader reads on, so that an Abandon is
//     seen. What follows a write queues behind it: a read sees the writes before it.
//  3. Other searches run beside, on a bounded number of workers of the whole server.
//  4. Bind and StartTLS are barriers: they wait until nothing is outstanding, and nothing overtakes them.
//  5. Answers are collected and sent when the input is drained or the buffer is full. A client that does not read is
//     closed after the write timeout.
package ldapserver
