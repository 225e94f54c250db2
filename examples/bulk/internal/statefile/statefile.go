// Package statefile keeps what a program must know after a crash in a small file.
package statefile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Lock keeps every other run off the state file name until unlock is called. The lock is a file
// next to it with the id of this process. A killed run leaves it behind. The user must check
// whether that process still runs, as the error says, because the id may be that of another machine
// or of another program by now.
func Lock(name string) (unlock func() error, err error) {
	lock := filepath.Clean(name) + ".lock"
	f, err := os.OpenFile(lock, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // next to the file that the user chose
	if errors.Is(err, fs.ErrExist) {
		pid, _ := os.ReadFile(lock) //nolint:gosec // as above; it may be empty, or gone by now
		return nil, fmt.Errorf("%s is in use by process %s: wait for its end, or remove %s if there is no such process any more",
			name, cmp.Or(strings.TrimSpace(string(pid)), "(unknown)"), lock)
	}
	if err != nil {
		return nil, err
	}
	unlock = func() error { return os.Remove(lock) }
	_, err = fmt.Fprintln(f, os.Getpid())
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(err, unlock())
	}
	return unlock, nil
}

// Load reads a file that [Save] wrote; false if there is none.
func Load[T any](name string) (state T, found bool, err error) {
	text, err := os.ReadFile(filepath.Clean(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return state, false, nil
	case err != nil:
		return state, false, err
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return state, false, fmt.Errorf("%s: %w", name, err)
	}
	return state, true, nil
}

// Save writes the file. After a crash at any moment it holds the old state or the new one, never a
// part.
func Save[T any](name string, state T) error {
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Appended opens a file to append to it, cut to the first size bytes: what a crashed run wrote
// after them is not in its state.
func Appended(name string, size int64) (*os.File, error) {
	flags := os.O_RDWR
	if size == 0 {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(filepath.Clean(name), flags, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() < size {
		err = fmt.Errorf("%s: it has %d bytes, and its state knows %d", name, info.Size(), size)
	}
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil {
		_, err = f.Seek(size, 0)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
