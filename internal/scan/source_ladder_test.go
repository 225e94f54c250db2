package scan_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/b24go/b24/internal/scan"
)

// ladder is a list of many rows, which it makes when asked for, and counts what that costs. A page
// takes 20 ms. Beyond the end a reference finds nothing: the classic API runs the call all the same,
// REST 3.0 fails the whole request.
type ladder struct {
	ids  []uint64 // sorted
	v3   bool
	size int

	requests, pages atomic.Int64
	barren          atomic.Int64 // pages without rows
	failed          atomic.Int64 // requests
}

func (l *ladder) Page(ctx context.Context, params []byte) (scan.Answer, error) {
	answers, err := l.Chain(ctx, [][]byte{params})
	if err != nil {
		return scan.Answer{}, err
	}
	return answers[0], nil
}

func (l *ladder) Chain(_ context.Context, calls [][]byte) ([]scan.Answer, error) {
	l.requests.Add(1)
	answers := make([]scan.Answer, len(calls))
	lasts := make([]uint64, len(calls)) // last ids of full pages, 0 of others
	run := 0
	defer func() { time.Sleep(time.Duration(run) * 20 * time.Millisecond) }()
	for i, c := range calls {
		above, known := l.bound(c, ">", lasts)
		below, also := l.bound(c, "<", lasts)
		if l.v3 && (!known || !also) {
			l.failed.Add(1)
			return nil, errTimeout
		}
		run++
		l.pages.Add(1)
		rows := l.rows(above, below, bytes.Contains(c, []byte(`DESC`)))
		if !known || !also || len(rows) == 0 {
			l.barren.Add(1)
			rows = nil
		}
		if len(rows) == l.size {
			lasts[i] = rows[len(rows)-1]
		}
		answers[i] = scan.Answer{Result: l.render(rows), Duration: 20 * time.Millisecond}
	}
	return answers, nil
}

func (l *ladder) Ref(call int, _ ...any) []byte { return []byte(`"r` + strconv.Itoa(call) + `"`) }

func (*ladder) Shorter(error) bool { return true }

// bound is the bound of a call; 0 is none, and not known is a reference that finds nothing.
func (l *ladder) bound(call []byte, op string, lasts []uint64) (uint64, bool) {
	name := `"` + op + `ID":`
	if l.v3 {
		name = `"id","` + op + `",`
	}
	_, rest, found := bytes.Cut(call, []byte(name))
	if !found {
		return 0, true
	}
	text := string(rest[:bytes.IndexAny(rest, "}],")])
	if text[0] == '"' {
		i, _ := strconv.Atoi(text[2 : len(text)-1])
		return lasts[i], lasts[i] != 0
	}
	id, err := strconv.ParseUint(text, 10, 64)
	return id, err == nil
}

//nolint:revive // flag-parameter: the order of the rows
func (l *ladder) rows(above, below uint64, desc bool) []uint64 {
	from, _ := slices.BinarySearch(l.ids, above+1)
	to := len(l.ids)
	if below > 0 {
		to, _ = slices.BinarySearch(l.ids, below)
	}
	if from >= to {
		return nil
	}
	if !desc {
		return l.ids[from:min(from+l.size, to)]
	}
	rows := slices.Clone(l.ids[max(to-l.size, from):to])
	slices.Reverse(rows)
	return rows
}

func (l *ladder) render(ids []uint64) []byte {
	head, row, tail := `[`, `{"ID":"`, `"}`
	if l.v3 {
		head, row, tail = `{"items":[`, `{"id":`, `}`
	}
	out := []byte(head)
	for i, id := range ids {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(strconv.AppendUint(append(out, row...), id, 10), tail...)
	}
	if l.v3 {
		return append(out, "]}"...)
	}
	return append(out, ']')
}

// spread makes n ids: one after the other, with gaps of up to 20 in between, in clusters far
// apart, ever denser, or ever thinner.
func spread(kind string, n int) []uint64 {
	rng := rand.New(rand.NewPCG(24, uint64(n)))
	ids := make([]uint64, n)
	id := uint64(0)
	for i := range ids {
		id++
		switch {
		case kind == "gaps":
			id += uint64(rng.IntN(20))
		case kind == "clusters" && rng.IntN(1000) == 0:
			id += uint64(rng.IntN(100_000))
		case kind == "denser":
			id += uint64(rng.IntN(1 + 20*(n-i)/n))
		case kind == "thinner":
			id += uint64(rng.IntN(1 + 20*i/n))
		}
		ids[i] = id
	}
	return ids
}
