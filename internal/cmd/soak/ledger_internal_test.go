package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLedgerJudgesWrites(t *testing.T) {
	t.Parallel()
	unknown := func(*ledger) {}
	done := func(l *ledger) { l.done("m", "7") }
	notDone := func(l *ledger) { l.notDone("m", errors.New("refused")) }
	for name, test := range map[string]struct {
		told func(l *ledger)
		rows []string
		want map[invariant]int
	}{
		"done once":                {done, []string{"7"}, nil},
		"done twice":               {done, []string{"7", "8"}, map[invariant]int{doubled: 1}},
		"done and not there":       {done, nil, map[invariant]int{unexecuted: 1}},
		"done elsewhere":           {done, []string{"9"}, map[invariant]int{mixedUp: 1}},
		"not done":                 {notDone, nil, nil},
		"not done and there":       {notDone, []string{"7"}, map[invariant]int{executed: 1}},
		"not done and there twice": {notDone, []string{"7", "8"}, map[invariant]int{doubled: 1}},
		"unknown":                  {unknown, nil, nil},
		"unknown and there":        {unknown, []string{"7"}, nil},
		"unknown and there twice":  {unknown, []string{"7", "8"}, map[invariant]int{doubled: 1}},
	} {
		found := &findings{}
		l := newLedger(found)
		l.begin("m", "test")
		test.told(l)
		for _, id := range test.rows {
			l.row("m", id)
		}
		assert.Zero(t, found.total(), name)

		l.settle()

		assert.Equal(t, test.want, found.counts, name)
		assert.Len(t, found.examples, len(test.want), name)
		l.settle()
		assert.Equal(t, len(test.want), found.total(), name) // once
	}
}

func TestLedgerFindsWritesOfNobody(t *testing.T) {
	t.Parallel()
	found := &findings{}
	l := newLedger(found)
	l.begin("m", "test")
	l.settle()

	l.row("m", "7") // too late
	l.row("n", "8")

	assert.Equal(t, 2, found.count(strayed))
	writes, rows := l.counts()
	assert.Equal(t, 1, writes)
	assert.Equal(t, 2, rows)
}
