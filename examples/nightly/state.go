package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/b24go/b24"
)

// state is what the next run must know.
type state struct {
	// Portal identifies the portal.
	Portal string `json:"portal"`
	// From is where the next run begins to read, by the portal's clock.
	From b24.DateTime `json:"from"`
	// File is the name that the stored rows are about to get; empty if they have it.
	File string `json:"file,omitempty"`
	// Due has the marks of the deals that are exported and not marked yet.
	Due map[b24.ID]string `json:"due,omitempty"`
}

// load reads the state of a portal. The first run has none and reads what changed since a time.
func (n *nightly) load(portal string, since time.Time) error {
	n.state = state{Portal: portal, From: b24.DateTimeOf(since), Due: map[b24.ID]string{}}
	text, err := os.ReadFile(filepath.Clean(n.file))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	n.state = state{Due: map[b24.ID]string{}}
	if err := json.Unmarshal(text, &n.state); err != nil {
		return fmt.Errorf("%w: %s: %w", errSettings, n.file, err)
	}
	if n.state.Portal != portal {
		return fmt.Errorf("%w: %s is about %s: give another -dir", errSettings, n.file, n.state.Portal)
	}
	return nil
}

// save stores the state. After a crash at any moment, the file holds the old state or the new one,
// never a part. The lock keeps the temporary name free.
func (n *nightly) save() error {
	text, err := json.Marshal(n.state)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Clean(n.file+".new"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), n.file)
}

// part is where rows are stored before they get their name.
func (n *nightly) part() string { return filepath.Join(n.dir, "deals.csv.part") }

// unusedName returns a name for the rows of a day: a second run on that day must not replace the
// first one's.
func (n *nightly) unusedName(day string) (string, error) {
	for i := 1; ; i++ {
		name := fmt.Sprintf("deals-%s-%d.csv", day, i)
		switch _, err := os.Lstat(filepath.Join(n.dir, name)); {
		case errors.Is(err, os.ErrNotExist):
			return name, nil
		case err != nil:
			return "", err
		}
	}
}
