package b24

import (
	"fmt"
	"iter"
	"strconv"
	"sync"
)

// BatchResult holds one answer for each command of a batch, in their order. It is safe for
// concurrent use. A nil *BatchResult has no answers, and [BatchResult.Err] says so.
type BatchResult struct {
	rows  []*AjaxResult
	names []string
	chunk chunk // describes the requests it took

	entered sync.Once
	byName  map[string]int
}

// Len returns the number of commands given.
func (r *BatchResult) Len() int {
	if r == nil {
		return 0
	}
	return len(r.rows)
}

// At returns the answer to the command at position i, counted from 0; never nil. [AjaxResult.Err]
// returns how the command failed; the error matches [ErrNotExecuted] if the batch stopped earlier.
// At panics if i is out of range. If r is nil, At returns an empty [AjaxResult].
func (r *BatchResult) At(i int) *AjaxResult {
	if r == nil {
		return new(AjaxResult)
	}
	return r.rows[i]
}

// Get returns the answer to the command with that name. The name of an unnamed command is its
// position.
func (r *BatchResult) Get(name string) (*AjaxResult, bool) {
	if r == nil {
		return nil, false
	}
	r.entered.Do(r.enter)
	i, ok := r.byName[name]
	if !ok {
		return nil, false
	}
	return r.rows[i], true
}

// enter builds the index for Get, which may be called for thousands of commands.
func (r *BatchResult) enter() {
	r.byName = make(map[string]int, len(r.rows))
	for i := range r.rows {
		r.byName[r.name(i)] = i
	}
}

// All yields names and answers in the order of the commands.
func (r *BatchResult) All() iter.Seq2[string, *AjaxResult] {
	return func(yield func(string, *AjaxResult) bool) {
		for i := range r.Len() {
			if !yield(r.name(i), r.rows[i]) {
				return
			}
		}
	}
}

func (r *BatchResult) name(i int) string {
	if r.names[i] != "" {
		return r.names[i]
	}
	return strconv.Itoa(i)
}

// Err returns a [*BatchError] if a command failed or was not executed, and nil otherwise. If r is
// nil, it returns the error of an empty [AjaxResult].
func (r *BatchResult) Err() error {
	if r == nil {
		return errNoAnswer
	}
	var e BatchError
	for i, row := range r.rows {
		switch a := row.there(); {
		case a.err == nil:
			e.succeeded++
		case notExecuted(a.err):
			e.NotExecuted = append(e.NotExecuted, i)
		default:
			e.Failed = append(e.Failed, CommandError{Index: i, Name: r.names[i], Method: a.query.method, Err: a.err})
		}
	}
	if e.succeeded == len(r.rows) {
		return nil
	}
	return &e
}

// Time returns the portal's timing of the last request that the batch took.
func (r *BatchResult) Time() Timing {
	if r == nil {
		return Timing{}
	}
	return r.chunk.time
}

// Format writes the number of commands, never the contents of the answers.
func (r *BatchResult) Format(f fmt.State, _ rune) {
	write(f, "b24.BatchResult("+strconv.Itoa(r.Len())+" commands)")
}
