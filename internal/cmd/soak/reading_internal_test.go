package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReadingJudgesLists(t *testing.T) {
	t.Parallel()
	still := table{name: "still", ids: []string{"1", "2", "3"}, all: map[string]bool{"1": true, "2": true, "3": true}}
	changing := table{name: "changing", ids: []string{"1", "2", "3"}}
	for name, test := range map[string]struct {
		table table
		rows  []string
		judge func(*reading, *findings)
		want  map[invariant]int
	}{
		"all":                          {still, []string{"1", "2", "3"}, (*reading).whole, nil},
		"in any order":                 {still, []string{"3", "1", "2"}, (*reading).whole, nil},
		"one lost":                     {still, []string{"1", "3"}, (*reading).whole, map[invariant]int{rowsLost: 1}},
		"all lost":                     {still, nil, (*reading).whole, map[invariant]int{rowsLost: 3}},
		"one is missing, with error":   {still, []string{"1", "2"}, (*reading).part, nil},
		"one doubled":                  {still, []string{"1", "2", "2", "3"}, (*reading).whole, map[invariant]int{rowsDoubled: 1}},
		"one doubled, with error":      {still, []string{"1", "1"}, (*reading).part, map[invariant]int{rowsDoubled: 1}},
		"one of another":               {still, []string{"1", "2", "3", "4"}, (*reading).whole, map[invariant]int{rowsForeign: 1}},
		"one came":                     {changing, []string{"1", "2", "3", "4"}, (*reading).whole, nil},
		"one that stayed is not there": {changing, []string{"1", "3", "4"}, (*reading).whole, map[invariant]int{rowsLost: 1}},
		"one that came is doubled":     {changing, []string{"1", "2", "3", "4", "4"}, (*reading).whole, map[invariant]int{rowsDoubled: 1}},
	} {
		found := &findings{}
		r := newReading(&test.table, "test")
		r.took(test.rows...)

		test.judge(r, found)

		assert.Equal(t, test.want, found.counts, name)
	}
}

func TestReadingGoesOnOrBeginsAnew(t *testing.T) {
	t.Parallel()
	still := table{ids: []string{"1", "2"}}
	found := &findings{}
	r := newReading(&still, "test")
	r.took("1")
	r.part(found)
	r.took("2")
	r.whole(found)
	assert.Zero(t, found.total())

	r.restart()
	r.took("1", "2")
	r.whole(found)
	assert.Zero(t, found.total())

	r.took("2") // a resume that repeats
	r.whole(found)
	assert.Equal(t, 1, found.count(rowsDoubled))
}
