//go:build unix && !aix && !illumos && !solaris

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock keeps other runs out until unlock is called or the process ends. The file stays: removing it
// would let two runs lock two files of one name.
func lock(name string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Clean(name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSettings, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return func() { _ = f.Close() }, nil // nothing was written
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errBusy
	}
	return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
}
