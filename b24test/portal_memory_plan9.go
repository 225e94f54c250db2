package b24test

import "syscall"

// errRefused and errReset are the errors that a dial and a read of package net return.
const (
	errRefused = syscall.ErrorString("connection refused")
	errReset   = syscall.ErrorString("connection reset")
)
