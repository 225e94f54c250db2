//go:build !plan9

package b24test

import "syscall"

// errRefused and errReset are the errors that a dial and a read of package net return.
const (
	errRefused = syscall.ECONNREFUSED
	errReset   = syscall.ECONNRESET
)
