package scan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/scan"
)

// every are n ids that begin with from, each so far from the one before.
func every(step, from uint64, n int) []uint64 {
	var ids []uint64
	for i := range uint64(n) {
		ids = append(ids, from+i*step)
	}
	return ids
}

func TestOutlook(t *testing.T) {
	t.Parallel()
	dense, sparse := every(1, 1, 50), every(10, 1, 50)
	for _, row := range []struct {
		name     string
		requests [][][]uint64 // the ids of the pages
		left     float64
		want, v3 int
	}{
		{name: "nothing is known", left: 999, want: 20, v3: 20},
		{name: "dense", requests: [][][]uint64{{dense}}, left: 149, want: 3, v3: 3},
		{name: "dense, more than a chain", requests: [][][]uint64{{dense}}, left: 1e4, want: 201, v3: 201},
		{name: "sparse", requests: [][][]uint64{{sparse}}, left: 2_000, want: 5, v3: 3},
		{name: "sparse, of many rows", requests: [][][]uint64{{every(10, 1, 2500)}}, left: 2_000, want: 5, v3: 4},
		{name: "few ids are left", requests: [][][]uint64{{sparse}}, left: 40, want: 1, v3: 1},
		{name: "none is left", requests: [][][]uint64{{sparse}}, left: 0, want: 1, v3: 1},
		{name: "denser lately", requests: [][][]uint64{{sparse}, {every(1, 500, 50)}}, left: 180, want: 4, v3: 4},
		{name: "dense behind a gap", requests: [][][]uint64{{dense, every(1, 1e9, 50)}}, left: 500, want: 11, v3: 11},
		{name: "sparse lately", requests: [][][]uint64{{dense}, {every(10, 60, 50)}}, left: 1_000, want: 3, v3: 2},
		{name: "far beyond, as all so far", requests: [][][]uint64{{every(10, 1, 500)}, {every(1, 5_000, 50)}}, left: 10_200, want: 31, v3: 19},
		{name: "a page without rows", requests: [][][]uint64{{sparse}, {nil}}, left: 2_000, want: 5, v3: 3},
		{name: "down", requests: [][][]uint64{{{500, 490, 480}}, {{470, 460, 450}}}, left: 4_000, want: 11, v3: 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, row.want, scan.Outlook(row.requests, row.left, 50, false))
			assert.Equal(t, row.v3, scan.Outlook(row.requests, row.left, 50, true))
		})
	}
}
