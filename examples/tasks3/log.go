package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/b24go/b24"
)

// place is how far the event log has been read, as stored in the state file.
type place struct {
	file string

	Portal string     `json:"portal"`
	Cursor b24.Cursor `json:"cursor"`
}

// event is a row of the log.
type event struct {
	ID     b24.ID `json:"id"`
	Type   string `json:"auditTypeId"`
	UserID b24.ID `json:"userId"`
}

// followLog reads the event log from the place of the last run to its end, and stores the place
// after each page. The next run continues from that end, because the log grows.
func followLog(ctx context.Context, w io.Writer, c *b24.V3, at place) error {
	again, err := at.load()
	if err != nil {
		return err
	}
	var unsaved error
	keep := func(cursor b24.Cursor) {
		at.Cursor = cursor
		unsaved = errors.Join(unsaved, at.save())
	}
	count := 0
	for page, err := range c.FetchTail(ctx, "main.eventlog.tail", b24.Params{"select": []string{"id", "auditTypeId", "userId"}},
		b24.WithResume(at.Cursor), b24.WithCheckpoint(keep)) {
		if err := errors.Join(err, unsaved); err != nil {
			return err
		}
		count += len(page)
		if !again {
			continue // events from before the first run are only counted
		}
		if err := tell(w, page); err != nil {
			return err // the page is printed again by the next run
		}
	}
	if err := errors.Join(unsaved, at.save()); err != nil { // an empty log has no page
		return err
	}
	what := "events in the log so far"
	if again {
		what = "events since the last run"
	}
	_, err = fmt.Fprintf(w, "%d %s\n", count, what)
	return err
}

// tell prints events.
func tell(w io.Writer, page []json.RawMessage) error {
	for _, row := range page {
		var e event
		if err := json.Unmarshal(row, &e); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "event %s: %s by user %s\n", e.ID, e.Type, e.UserID); err != nil {
			return err
		}
	}
	return nil
}

// load reads what an earlier run stored; false if there was none.
func (p *place) load() (again bool, err error) {
	text, err := os.ReadFile(p.file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	stored := place{file: p.file}
	if err := json.Unmarshal(text, &stored); err != nil {
		return false, fmt.Errorf("%s: %w", p.file, err)
	}
	if stored.Portal != p.Portal {
		return false, fmt.Errorf("%s is about the log of %s: give another -state", p.file, stored.Portal)
	}
	*p = stored
	return true, nil
}

// save stores the cursor. After a crash at any moment, the file holds the old cursor or the new
// one, never a part.
func (p *place) save() error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(p.file), filepath.Base(p.file)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), p.file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
