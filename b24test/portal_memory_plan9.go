package b24test

import "syscall"

// errRefused and errReset are what a dial and a read of the net package end in.
const (
	errRefused = syscall.ErrorString("connection refused")
	errReset   = syscall.ErrorString("connection reset")
)
