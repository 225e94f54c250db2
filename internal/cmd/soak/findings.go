package main

import (
	"fmt"
	"sync"
)

// invariant is the name of a violation that must never be found.
type invariant string

// The invariants, by their names in the report.
const (
	rowsLost    invariant = "rows lost from a list that ended well"
	rowsDoubled invariant = "rows doubled in a list"
	rowsForeign invariant = "rows in a list that are not in its table"
	endsUnsaid  invariant = "lists that ended well and do not say complete"
	doubled     invariant = "writes executed twice"
	unexecuted  invariant = "writes reported done and not executed"
	executed    invariant = "writes reported not executed and executed"
	strayed     invariant = "executed writes that nobody made"
	mixedUp     invariant = "answers that belong to another call"
	secretsSeen invariant = "secrets seen"
	wronglyOpen invariant = "calls of a closed client that do not say so"
	notFlat     invariant = "levels that are not flat"
)

func invariants() []invariant {
	return []invariant{
		rowsLost, rowsDoubled, rowsForeign, endsUnsaid, doubled, unexecuted, executed, strayed, mixedUp, secretsSeen, wronglyOpen, notFlat,
	}
}

// findings counts violations, with some examples. The zero value is ready to use and safe for
// concurrent use.
type findings struct {
	mu       sync.Mutex
	counts   map[invariant]int
	examples []string
}

// add counts one violation.
func (f *findings) add(what invariant, format string, args ...any) {
	const most = 40
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[invariant]int{}
	}
	f.counts[what]++
	if len(f.examples) < most {
		f.examples = append(f.examples, fmt.Sprintf("%s: ", what)+fmt.Sprintf(format, args...))
	}
}

func (f *findings) count(what invariant) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[what]
}

// total returns the number of all violations.
func (f *findings) total() int {
	n := 0
	for _, what := range invariants() {
		n += f.count(what)
	}
	return n
}
