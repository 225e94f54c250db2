//go:build !windows && (!unix || aix || illumos || solaris)

package main

import (
	"errors"
	"fmt"
)

// lock refuses: here the standard library has no lock that ends with the process.
func lock(string) (unlock func(), err error) {
	return nil, fmt.Errorf("%w: no lock against a second run: %w", errSettings, errors.ErrUnsupported)
}
