package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/b24go/b24"
)

// deal has the fields this program needs.
type deal struct {
	ID       b24.ID       `json:"ID"`
	Title    string       `json:"TITLE"`
	Stage    string       `json:"STAGE_ID"`
	Modified b24.DateTime `json:"DATE_MODIFY"`
}

// state is what the next run must know.
type state struct {
	// Portal identifies the portal.
	Portal string `json:"portal"`
	// Watermark is the time up to which all changes are known, by the portal's clock.
	Watermark b24.DateTime `json:"watermark"`
	// From is where the next run begins to read: Watermark less the overlap of this run, because
	// Seen begins there.
	From b24.DateTime `json:"from"`
	// Seen has a checksum of each deal that the next run will read again: a deal that changed twice
	// in a second has the same time and a different checksum.
	Seen map[b24.ID]string `json:"seen"`
}

// sync prints what changed since the last run.
func sync(ctx context.Context, w io.Writer, hook *b24.Hook, file string, overlap time.Duration) error {
	last, err := load(file, hook.TargetOrigin())
	if err != nil {
		return err
	}
	// A deal that changes while the list is read may be missed, but its time is then not before
	// this one.
	newest, err := newestChange(ctx, hook)
	if err != nil {
		return err
	}
	next := last.next(newest, overlap)
	told := 0
	for row, err := range b24.List[json.RawMessage](ctx, hook, "crm.deal.list", changedSince(last.From)) {
		if err != nil {
			return err
		}
		d, sum, err := read(row)
		if err != nil {
			return err
		}
		if !d.Modified.Before(next.From.Time) {
			next.Seen[d.ID] = sum
		}
		if last.Seen[d.ID] == sum {
			continue
		}
		told++
		if _, err := fmt.Fprintf(w, "deal %s: %q in %s\n", d.ID, d.Title, d.Stage); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(w, "%d changes\n", told); err != nil {
		return err
	}
	return next.save(file)
}

// next returns the state after a run that began when newest was the time of the newest change.
// Neither time moves back: the newest deal may be deleted, and Seen has nothing from before From.
func (s state) next(newest b24.DateTime, overlap time.Duration) state {
	next := state{Portal: s.Portal, Watermark: s.Watermark, From: s.From, Seen: map[b24.ID]string{}}
	if newest.After(next.Watermark.Time) {
		next.Watermark = newest
	}
	if from := next.Watermark.Add(-overlap); !next.Watermark.IsZero() && from.After(next.From.Time) {
		next.From = next.Watermark
		next.From.Time = from
	}
	return next
}

// changedSince returns the parameters of the list.
func changedSince(from b24.DateTime) b24.Params {
	params := b24.Params{"select": []string{"ID", "TITLE", "STAGE_ID", "DATE_MODIFY"}}
	if !from.IsZero() {
		params["filter"] = b24.Params{">=DATE_MODIFY": from}
	}
	return params
}

// newestChange returns the time of the portal's last change of a deal; zero if it has none. The
// clock of this machine may differ.
func newestChange(ctx context.Context, c b24.Client) (b24.DateTime, error) {
	deals, err := b24.Call[[]deal](ctx, c, "crm.deal.list", b24.Params{
		"select": []string{"ID", "DATE_MODIFY"},
		"order":  b24.Params{"DATE_MODIFY": "DESC"},
		"start":  b24.NoCount,
	})
	if err != nil || len(deals) == 0 {
		return b24.DateTime{}, err
	}
	return deals[0].Modified, nil
}

func read(row json.RawMessage) (d deal, sum string, err error) {
	if err := json.Unmarshal(row, &d); err != nil {
		return d, "", err
	}
	if d.Modified.IsZero() {
		return d, "", fmt.Errorf("deal %s has no time of its last change", d.ID)
	}
	hash := sha256.Sum256(row)
	return d, hex.EncodeToString(hash[:8]), nil
}

// load reads the state of a portal; the first run has none. A file that cannot be stored is an
// error before anything is printed, not after.
func load(file, portal string) (state, error) {
	first := state{Portal: portal}
	text, err := os.ReadFile(filepath.Clean(file))
	switch {
	case errors.Is(err, os.ErrNotExist):
		_, err := os.Stat(filepath.Dir(file))
		return first, err
	case err != nil:
		return first, err
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return first, fmt.Errorf("%s: %w", file, err)
	}
	if s.Portal != portal {
		return first, fmt.Errorf("%s is about %s: give another -state", file, s.Portal)
	}
	return s, nil
}

// save stores the state. After a crash at any moment, the file holds the old state or the new one,
// never a part.
func (s state) save(file string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
