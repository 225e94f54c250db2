package main

import (
	"slices"
	"sync"
)

// verdict is what the caller of a write was told.
type verdict int

const (
	verdictUnknown verdict = iota // also if the caller did not wait for an answer
	verdictDone
	verdictNotDone
)

// write is a write with its marker: what its caller was told, and what the portals hold.
type write struct {
	verdict verdict
	id      string   // of the row, as reported to the caller
	rows    []string // ids of the rows that carry the marker
	how     string
	err     string // the error its caller got, if it was not done
}

// ledger compares what callers were told about their writes with the rows that the portals hold.
// Nobody repeats a write, so no marker may occur twice. It is safe for concurrent use.
type ledger struct {
	found *findings

	mu           sync.Mutex
	now          map[string]*write
	writes, rows int
}

func newLedger(found *findings) *ledger {
	return &ledger{found: found, now: map[string]*write{}}
}

// begin records that a write is made; its outcome is unknown.
func (l *ledger) begin(marker, how string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes++
	l.now[marker] = &write{how: how}
}

// done records that the caller was told the write succeeded, with the id of the row.
func (l *ledger) done(marker, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.now[marker]; w != nil {
		w.verdict, w.id = verdictDone, id
	}
}

// notDone records that the caller was told the write did not happen, with the error.
func (l *ledger) notDone(marker string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.now[marker]; w != nil {
		w.verdict, w.err = verdictNotDone, err.Error()
	}
}

// row records a row that a portal holds.
func (l *ledger) row(marker, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows++
	w := l.now[marker]
	if w == nil {
		l.found.add(strayed, "%s in row %s", marker, id)
		return
	}
	w.rows = append(w.rows, id)
}

// settle checks all writes and forgets them. All portals must have been booked.
func (l *ledger) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for marker, w := range l.now {
		w.judge(marker, l.found)
	}
	l.now = map[string]*write{}
}

// counts returns the number of writes made and of rows found.
func (l *ledger) counts() (writes, rows int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes, l.rows
}

func (w *write) judge(marker string, found *findings) {
	switch {
	case len(w.rows) > 1:
		found.add(doubled, "%s (%s): rows %v", marker, w.how, w.rows)
	case w.verdict == verdictDone && len(w.rows) == 0:
		found.add(unexecuted, "%s (%s): row %s was told", marker, w.how, w.id)
	case w.verdict == verdictNotDone && len(w.rows) > 0:
		found.add(executed, "%s (%s): row %v; %s", marker, w.how, w.rows, w.err)
	case w.verdict == verdictDone && !slices.Contains(w.rows, w.id):
		found.add(mixedUp, "%s (%s): row %s was told, it is %v", marker, w.how, w.id, w.rows)
	}
}
