package file

import (
	"errors"

	"github.com/b24go/b24"
	"github.com/b24go/b24/internal/door"
)

// Names of transfers in errors, traces and counts.
const (
	nameUpload   = "upload"
	nameDownload = "download"
)

// deepest is how many clients may wrap each other.
const deepest = 100

var errClient = errors.New("it cannot move files: use a client of package b24, or give your own a method Unwrap() b24.Client")

// transfersOf finds the client that can move files.
func transfersOf(name string, c b24.Client) (door.Transfers, error) {
	for range deepest {
		if able, ok := c.(interface {
			Transfers(key door.Key) door.Transfers
		}); ok {
			return able.Transfers(door.NewKey()), nil
		}
		wrapper, ok := c.(interface{ Unwrap() b24.Client })
		if !ok {
			break
		}
		c = wrapper.Unwrap()
	}
	return nil, refused(name, "client", errClient)
}
