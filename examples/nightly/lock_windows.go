package main

import (
	"errors"
	"fmt"
	"syscall"
)

// lock keeps other runs out until unlock is called or the process ends: nobody else can open a file
// that is not shared.
func lock(name string) (unlock func(), err error) {
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errSettings, name, err)
	}
	const sharingViolation = syscall.Errno(32)
	handle, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, sharingViolation):
		return nil, fmt.Errorf("%s: %w", name, errBusy)
	case err != nil:
		return nil, fmt.Errorf("%w: %s: %w", errSettings, name, err)
	}
	return func() { _ = syscall.CloseHandle(handle) }, nil // nothing was written
}
