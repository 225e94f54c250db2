// Package b24redis keeps what several processes share about a portal in Redis: it implements
// [b24.Store] over a client of go-redis that you configure.
//
// A value costs two round trips to update: a script reads it together with the server's clock, and
// a second one replaces it if nobody else did. If somebody did, the answer holds the new value, and
// the change runs again. Redis 5 or newer, or a server that speaks its protocol and runs its
// scripts, alone or as a Cluster.
//
// Redis may forget: after a restart, a failover, or when its memory is full. Values to be kept for
// good are therefore refused with [b24.ErrVolatile], unless [WithTokens] finds a server that
// writes every change to disk before it answers.
package b24redis
